import { secretNames } from "./names.ts";
import type { SecretName } from "./names.ts";
import {
  isBasicCredentials,
  looksIssued,
  looksLikeToken,
  looksLikeUrlPassword,
  looksRandom,
} from "./shape.ts";

/** How one kind of secret is recognised in text. */
export interface Rule {
  /** What it is, as the marker and the findings name it. Several rules may share one. */
  readonly id: string;
  /**
   * Sticky, with indices. It is tried only where one of `hints` begins, and not again inside what
   * it matched; every repetition has a limit, since V8 throws where it would go too far back.
   */
  readonly pattern: RegExp;
  /** Which capture is the secret; 0 is the whole match. */
  readonly group: number;
  /** How a match begins, literally; three characters or more. */
  readonly hints: readonly string[];
  /** High: the shape is the vendor's own. Medium: a name or a place suggests it. */
  readonly confidence: "high" | "medium";
  /** A last look at the secret, for what a regex says badly. */
  readonly accepts: (secret: string) => boolean;
}

/** Not inside a word. */
const wordStart = notAfter("[A-Za-z0-9]");

/** From a name to its value: `": "`, ` = `, `: string = `, ` => `, also with escaped quotes. */
const assignment = String.raw`\\{0,4}["'\x60]?\]?\s{0,4}(?::\s?&?[A-Za-z]{2,12}\s{0,4}=|=>|:=|[:=])\s{0,4}`;

/**
 * Every kind of secret that has a shape or a name, the most telling first: where two overlap,
 * the first one names the finding. Sources: the vendors' documentation of their key formats.
 */
export const rules: readonly Rule[] = [
  issued("aws-access-key-id", ["AKIA", "ASIA", "ABIA", "ACCA"], "[A-Z0-9]{16}(?![A-Za-z0-9])"),
  found("aws-secret-key", anyCase("secret"), {
    pattern: String.raw`secret[ _-]?(?:access[ _-]?)?key(?: \[[^\]\n]{0,40}\])?(?:${assignment}| {1,4})\\{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
    flags: "i",
    accepts: looksLikeToken,
  }),
  issued("github-token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "[A-Za-z0-9_]{36,4096}"),
  issued("github-token", ["github_pat_"], "[A-Za-z0-9_]{22,4096}"),
  issued(
    "gitlab-token",
    ["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-"],
    String.raw`[\w-]{20,4096}(?:\.[a-z0-9]{2}\.[a-z0-9]{7,12})?`,
  ),
  issued(
    "slack-token",
    ["xoxa-", "xoxb-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xapp-"],
    "[A-Za-z0-9.-]{10,4096}",
  ),
  found("slack-webhook", ["hooks.slack.com/"], {
    pattern: String.raw`hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Z0-9]{1,20}\/[A-Z0-9]{1,20}\/[A-Za-z0-9/]{16,4096})`,
  }),
  issued("stripe-key", ["sk_live_", "rk_live_", "sk_test_", "rk_test_"], "[A-Za-z0-9]{16,4096}"),
  issued("stripe-webhook-secret", ["whsec_"], "[A-Za-z0-9+/]{24,4096}={0,2}"),
  issued("anthropic-key", ["sk-ant-"], String.raw`[\w-]{20,4096}`),
  issued("openrouter-key", ["sk-or-"], String.raw`[\w-]{32,4096}`),
  issued("openai-key", ["sk-proj-", "sk-svcacct-", "sk-admin-"], String.raw`[\w-]{20,4096}`),
  issued("openai-key", ["sk-"], "[A-Za-z0-9]{32,4096}"),
  issued("google-api-key", ["AIza"], String.raw`[\w-]{35}(?![\w-])`),
  issued("google-oauth", ["GOCSPX-", "ya29.", "1//0"], String.raw`[\w-]{24,4096}`),
  found("private-key", ["-----BEGIN "], {
    pattern:
      String.raw`-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\+[nr]){1,4}[A-Za-z-]{1,20}: [^\n\\]{0,100}){0,4}` +
      String.raw`[A-Za-z0-9+/=\s\\]{16,65536}(?:-(?!----)[A-Za-z0-9+/=\s\\]{0,1000}){0,1000}(?:-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?`,
    group: 0,
    accepts: (secret) => /[A-Za-z0-9+/]{16}/.test(secret),
  }),
  // In a diff, a quotation or a listing, each line of a key has something before it.
  found("private-key", ["-----BEGIN "], {
    pattern:
      String.raw`-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----` +
      String.raw`(?:(?!-----BEGIN )[^]){16,20000}?-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----`,
    group: 0,
    accepts: (secret) => /[A-Za-z0-9+/]{40}/.test(secret),
  }),
  issued("npm-token", ["npm_"], "[A-Za-z0-9]{36,4096}"),
  issued("pypi-token", ["pypi-Ag"], String.raw`[\w-]{50,4096}`),
  issued("huggingface-token", ["hf_", "api_org_"], "[A-Za-z0-9]{30,4096}"),
  found("jwt", ["eyJ"], {
    pattern:
      notAfter(String.raw`[\w-]`) +
      String.raw`eyJ[\w-]{10,65536}\.[\w-]{0,65536}\.[\w-]{10,65536}(?:\.[\w-]{10,65536}\.[\w-]{10,65536})?`,
    group: 0,
    accepts: () => true,
  }),
  issued("sendgrid-key", ["SG."], String.raw`[\w-]{16,32}\.[\w-]{32,64}`),
  issued(
    "twilio-key",
    Array.from("0123456789abcdef", (digit) => `SK${digit}`),
    "[0-9a-f]{31}(?![A-Za-z0-9])",
  ),
  issued("mailgun-key", ["key-"], "[0-9a-f]{32}(?![A-Za-z0-9])"),
  issued("digitalocean-token", ["dop_v1_", "doo_v1_", "dor_v1_"], "[0-9a-f]{64}"),
  issued("heroku-key", ["HRKU-"], String.raw`[\w-]{36,4096}`),
  issued("cloudflare-key", ["v1.0-"], "[0-9a-f]{24}-[0-9a-f]{100,4096}"),
  issued("cloudflare-key", ["cfut_", "cfat_", "cfk_"], "[A-Za-z0-9]{40,4096}"),
  found("azure-key", ["AccountKey=", "SharedAccessKey="], {
    pattern: String.raw`(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,4096}={0,2})`,
  }),
  found("azure-sas", ["sig="], {
    pattern: String.raw`(?<=[?&;])sig=([A-Za-z0-9%+/]{40,4096}={0,2})`,
  }),
  issued("opensync-key", ["osk_"], String.raw`[\w-]{24,4096}`),
  found("telegram-token", [":AA"], {
    pattern: String.raw`(?<=(?<!\d)\d{8,10}):(AA[\w-]{32,35})(?![\w-])`,
  }),
  issued(
    "discord-token",
    discordHints(),
    String.raw`[\w-]{20,25}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])`,
  ),
  found("discord-webhook", ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], {
    pattern: String.raw`discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/([\w-]{60,4096})`,
  }),
  issued("linear-key", ["lin_api_", "lin_oauth_"], "[A-Za-z0-9]{32,4096}"),
  issued("vercel-token", ["vercel_blob_rw_"], "[A-Za-z0-9_]{30,4096}"),
  issued("vercel-token", ["vcp_", "vci_", "vca_", "vcr_", "vck_"], "[A-Za-z0-9]{24,4096}"),
  issued("databricks-token", ["dapi"], String.raw`[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])`),
  issued(
    "doppler-token",
    ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
    String.raw`(?:[\w-]{1,40}\.)?[A-Za-z0-9]{40,44}`,
  ),
  issued("age-key", ["AGE-SECRET-KEY-"], "[A-Z0-9-]{50,4096}"),
  issued("shopify-token", ["shpat_", "shpca_", "shppa_", "shpss_"], "[0-9a-fA-F]{32}"),
  issued("groq-key", ["gsk_"], "[A-Za-z0-9]{40,4096}"),
  issued("xai-key", ["xai-"], "[A-Za-z0-9]{60,4096}"),
  issued("perplexity-key", ["pplx-"], "[A-Za-z0-9]{40,4096}"),
  issued("notion-token", ["ntn_"], "[A-Za-z0-9]{40,4096}"),
  issued("grafana-token", ["glsa_", "glc_"], "[A-Za-z0-9+/_=]{32,4096}"),
  issued("docker-token", ["dckr_pat_", "dckr_oat_"], String.raw`[\w-]{20,4096}`),
  issued("vault-token", ["hvs.", "hvb."], String.raw`[\w-]{24,4096}`),
  found("url-password", ["://"], {
    pattern: String.raw`:\/\/[^\s:@/?#"'\x60<>]{0,64}:([^\s/"'\x60<>,?#]{3,256})@(?=[\w.$[{-])`,
    confidence: "medium",
    accepts: looksLikeUrlPassword,
  }),
  found("bearer-token", anyCase("bearer"), {
    pattern: String.raw`${wordStart}bearer\s{1,4}([\w.~+/-]{16,4096}={0,2})`,
    flags: "i",
    confidence: "medium",
    accepts: looksLikeToken,
  }),
  found("basic-credentials", anyCase("basic"), {
    pattern: String.raw`${wordStart}basic\s{1,4}([A-Za-z0-9+/]{8,4096}={0,2})`,
    flags: "i",
    confidence: "medium",
    accepts: isBasicCredentials,
  }),
  found("authorization-header", anyCase("authorization"), {
    pattern: String.raw`authorization${assignment}\\{0,4}["']?(?:[A-Za-z-]{1,20}\s)?([\w.~+/-]{16,4096}={0,2})`,
    flags: "i",
    confidence: "medium",
    accepts: looksLikeToken,
  }),
  ...secretNames.flatMap(named),
];

/**
 * Not after a character of a class; yet the `n` of an escaped line break, the `D` of `%3D` and the
 * `m` that ends a terminal colour do not count.
 */
function notAfter(characters: string): string {
  return String.raw`(?<!(?<!\\|%[0-9A-Fa-f]|\x1b\[[0-9;]{0,9})${characters})`;
}

/** A secret that its issuer marks with a prefix. */
function issued(id: string, hints: readonly string[], body: string): Rule {
  const prefixes = hints.map((hint) => hint.replaceAll(/[./]/g, String.raw`\$&`)).join("|");
  const pattern = `${wordStart}(?:${prefixes})${body}`;
  return found(id, hints, { pattern, group: 0, accepts: looksIssued });
}

interface Details {
  readonly pattern: string;
  readonly flags?: string;
  readonly group?: number;
  readonly confidence?: Rule["confidence"];
  readonly accepts?: Rule["accepts"];
}

function found(id: string, hints: readonly string[], details: Details): Rule {
  const { pattern, flags = "", group = 1, confidence = "high", accepts = looksIssued } = details;
  return { id, pattern: new RegExp(pattern, `dy${flags}`), group, hints, confidence, accepts };
}

/** A secret that only its name gives away, in the four ways that a value follows a name. */
function named({ kind, words, hints, accepts }: SecretName): Rule[] {
  const [name, upperName] = [words, words.toUpperCase()].map(
    (end) => String.raw`${end}(?:[_-]?\d{1,2})?`,
  );
  const any = hints.flatMap(anyCase);
  const row = (pattern: string, flags: string, accepts: Rule["accepts"], hints = any): Rule =>
    found(kind, hints, { pattern, flags, accepts, confidence: "medium" });
  return [
    row(
      String.raw`${name}${assignment}\\{0,4}["'\x60]([^"'\x60\\\s]{8,65536})(?=\\{0,4}["'\x60])`,
      "i",
      accepts,
    ),
    row(
      String.raw`${upperName}=([^\s"'\x60=;|<>()\\]{8,65536}={0,2})(?![^\s"'\x60;|<>)\\])`,
      "",
      accepts,
      hints.map((hint) => hint.toUpperCase()),
    ),
    row(
      String.raw`${upperName}: {1,4}([^\s"'\x60=;|<>(){}[\]\\,&]{8,4096})(?=[ \t]*(?:[\r\n]|$))`,
      "",
      accepts,
      hints.map((hint) => hint.toUpperCase()),
    ),
    row(
      String.raw`(?<=--[\w-]{0,30})${name}[= ]["']?([^\s"'\x60=;|<>()\\]{8,65536}={0,2})`,
      "i",
      accepts,
    ),
    row(
      String.raw`${name}${assignment}([^\s"'\x60=:;,|<>(){}[\]\\&]{8,4096}={0,2})(?![^\s"'\x60;,|<>)}\]\\&])`,
      "i",
      looksRandom,
    ),
  ];
}

/** A word as it stands in `snake_case`, `PascalCase` and `UPPER_CASE`. */
function anyCase(word: string): string[] {
  return [word, word.replace(/[a-z]/, (letter) => letter.toUpperCase()), word.toUpperCase()];
}

/** How a Discord bot's id, 17 to 19 digits in base64, can begin. */
function discordHints(): string[] {
  const numbers = Array.from({ length: 90 }, (_, index) => String(10 + index));
  const starts = numbers.map((number) => Buffer.from(`${number}0`).toString("base64").slice(0, 3));
  return [...new Set(starts)];
}
