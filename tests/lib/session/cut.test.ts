import { expect, test } from "bun:test";

import { cutBytes, cutNote } from "../../../lib/session/cut.ts";

test("a note says how much was cut", () => {
  expect(cutNote(1234)).toBe("\n… [cut: 1234 bytes]");
  expect(cutBytes(`kept${cutNote(1234)}`)).toBe(1234);
  expect(cutBytes(cutNote(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
});

test.each(["", "text", `${cutNote(3)} and more`, "… [cut: 3 bytes]", "\n… [cut: x bytes]"])(
  "%j has no note",
  (text) => expect(cutBytes(text)).toBe(0),
);
