import type { MessageView } from "../api.ts";

/** Who says something, in a person's words. */
export const roleNames: Record<MessageView["role"], string> = {
  user: "Prompt",
  assistant: "Answer",
  tool: "Tool",
  system: "Note",
  unknown: "Other",
};
