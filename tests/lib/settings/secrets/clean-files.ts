import { createHash } from "node:crypto";

const hash = (text: string) => createHash("sha512").update(text).digest("base64");
const json = (value: unknown) => JSON.stringify(value, null, 2);

/** What people have in pi's agent directory, without a secret: each looks a little like one. */
export const cleanFiles: Readonly<Record<string, string>> = {
  "settings.json": json({
    lastChangelogVersion: "0.49.2",
    defaultProvider: "anthropic",
    defaultModel: "claude-opus-4-5-20251101",
    enabledModels: ["anthropic/claude-sonnet-4-5-20250929", "openai/gpt-5.2-codex"],
    packages: ["npm:pi-tools@1.2.3", "git:github.com/ada/pi-skills@9fceb02d0ae598e95dc970b7"],
    compaction: { reserveTokens: 16384, keepRecentTokens: 20000 },
    theme: "solarized-dark",
  }),
  "models.json": `{
  // Keys come from the environment, or from a password manager.
  "providers": {
    "openai": { "apiKey": "OPENAI_API_KEY", "baseUrl": "https://api.openai.com/v1" },
    "azure": { "apiKey": "$AZURE_OPENAI_KEY_2", "headers": { "api-key": "\${AZURE_KEY}" } },
    "work": { "apiKey": "!op read 'op://Work/Model Gateway 2/credential'", "authHeader": true },
    "ollama": { "apiKey": "ollama", "baseUrl": "http://localhost:11434/v1", "api": "openai-completions" },
    "gateway": { "headers": { "Authorization": "Bearer \${GATEWAY_TOKEN_1}" } },
    "lm-studio": { "apiKey": "lm-studio", "models": [{ "id": "qwen3-coder-30b-a3b", "maxTokens": 32768 }] },
  },
}`,
  "keybindings.json": json({ "tui.editor.deleteToken": ["ctrl+w"], submit: "enter" }),
  "AGENTS.md": `Never print a token. Secrets are in 1Password; ask for "password" only there.
Use \`export GITHUB_TOKEN=$(gh auth token)\` before \`npm publish\`.`,
  "extensions/token-counter.ts": `
import type { ExtensionAPI } from "@mariozechner/pi-coding-agent";
interface Usage { inputTokens: number; token?: string; secret: boolean }
const apiKey = process.env.ANTHROPIC_API_KEY ?? "";
const headers = { authorization: \`Bearer \${apiKey}\`, "x-api-key": apiKey };
export function countTokens(text: string, token = /\\w+/g): number { return text.match(token)?.length ?? 0; }
const password = await ctx.ui.input("Password:", { secret: true });
`,
  "extensions/package-lock.json": json({
    lockfileVersion: 3,
    packages: Object.fromEntries(
      ["js-tokens", "keytar", "secretlint", "passport-token"].map((name) => [
        `node_modules/${name}`,
        {
          version: "4.0.0",
          resolved: `https://registry.npmjs.org/${name}/-/${name}-4.0.0.tgz`,
          integrity: `sha512-${hash(name)}`,
        },
      ]),
    ),
  }),
  "themes/design-tokens.json": json({
    name: "design-tokens",
    colors: { token: "#3b82f6", secret: "#3b82f6ff", accessToken: "rgba(59, 130, 246, 0.5)" },
    vars: { "color.primary.500": { token: "color-primary-500", value: "#1d4ed8" } },
    syntax: { keyword: "bold", password: "hsl(220deg 90% 56%)" },
  }),
  "skills/s3/SKILL.md": `---
name: s3
description: Work with buckets
---
\`\`\`sh
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
export OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
curl -H "Authorization: Bearer $TOKEN" https://user:password@example.com/
psql postgres://postgres:postgres@localhost:5432/app
\`\`\`
Commit 9fceb02d0ae598e95dc970b74767f19372d61af8, id 123e4567-e89b-12d3-a456-426614174000.`,
  "skills/web/icons.css": `.icon { background: url("data:image/svg+xml;base64,${hash("a")}${hash("b")}${hash("c")}") }`,
  "prompts/review.md":
    "Look for a hard-coded password, an API key: $1, or a token=... in the diff.",
};
