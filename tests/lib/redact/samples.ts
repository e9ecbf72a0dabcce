/**
 * Made-up tokens and harmless look-alikes. Tokens are put together here, so that no scanner of a
 * repository host takes this file for a leak.
 */

/** A text with a secret in it, and what must be left of the text. */
export interface Sample {
  kind: string;
  text: string;
  secret: string;
}

const alphabets = {
  hex: "0123456789abcdef",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  alnum: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

let seed = 7;

/** Random characters, the same in each run. */
function draw(alphabet: keyof typeof alphabets, length: number): string {
  const from = alphabets[alphabet];
  return Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return from[(seed >>> 8) % from.length];
  }).join("");
}

/** A token in pieces, as no scanner knows it. */
export function assemble(...pieces: string[]): string {
  return pieces.join("");
}

const pemBody = Array.from({ length: 4 }, () => draw("base64", 64)).join("\n");
const pem = (label: string, body = pemBody): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
const json = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll("=", "");
const jwt = [json({ alg: "HS256", typ: "JWT" }), json({ sub: "1234567890" }), draw("url", 43)].join(
  ".",
);

/** What each kind looks like when it stands by itself. */
const bare: [kind: string, secret: string][] = [
  ["aws-access-key-id", assemble("AK", "IA", draw("upper", 16))],
  ["aws-access-key-id", assemble("AS", "IA", draw("upper", 16))],
  ["github-token", assemble("gh", "p_", draw("alnum", 36))],
  ["github-token", assemble("gh", "o_", draw("alnum", 36))],
  ["github-token", assemble("gh", "s_", draw("alnum", 36))],
  ["github-token", assemble("github", "_pat_", draw("alnum", 22), "_", draw("alnum", 59))],
  ["gitlab-token", assemble("gl", "pat-", draw("url", 20))],
  ["slack-token", assemble("xo", "xb-", "123456789012-1234567890123-", draw("alnum", 24))],
  ["slack-token", assemble("xa", "pp-", "1-A0123456789-1234567890123-", draw("hex", 64))],
  ["stripe-key", assemble("sk_", "live_", draw("alnum", 24))],
  ["stripe-key", assemble("rk_", "live_", draw("alnum", 24))],
  ["stripe-webhook-secret", assemble("wh", "sec_", draw("alnum", 32))],
  ["anthropic-key", assemble("sk-", "ant-", "api03-", draw("url", 93), "AA")],
  ["anthropic-key", assemble("sk-", "ant-", "oat01-", draw("url", 93), "AA")],
  ["openrouter-key", assemble("sk-", "or-", "v1-", draw("hex", 64))],
  ["openai-key", assemble("sk-", "proj-", draw("url", 74), "T3BlbkFJ", draw("url", 74))],
  ["openai-key", `sk-${draw("alnum", 20)}T3BlbkFJ${draw("alnum", 20)}`],
  ["google-api-key", assemble("AI", "za", draw("url", 35))],
  ["google-oauth", assemble("GOC", "SPX-", draw("url", 28))],
  ["google-oauth", assemble("ya", "29.", "a0", draw("url", 120))],
  ["private-key", pem(assemble("RSA ", "PRIVATE", " KEY"))],
  ["private-key", pem(assemble("PRIVATE", " KEY")).replaceAll("\n", "\\n")],
  ["private-key", pem(assemble("OPENSSH ", "PRIVATE", " KEY"))],
  [
    "private-key",
    pem(assemble("PGP ", "PRIVATE", " KEY BLOCK"), `Version: GnuPG v2\n\n${pemBody}\n=aB3d`),
  ],
  ["npm-token", assemble("np", "m_", draw("alnum", 36))],
  ["pypi-token", assemble("py", "pi-", "AgEIcHlwaS5vcmc", draw("url", 70))],
  ["huggingface-token", assemble("h", "f_", draw("alnum", 34))],
  ["jwt", jwt],
  ["sendgrid-key", assemble("S", "G.", draw("url", 22), ".", draw("url", 43))],
  ["twilio-key", assemble("S", "K", draw("hex", 32))],
  ["mailgun-key", assemble("ke", "y-", draw("hex", 32))],
  ["digitalocean-token", assemble("do", "p_v1_", draw("hex", 64))],
  ["heroku-key", assemble("HR", "KU-", draw("url", 60))],
  ["cloudflare-key", assemble("v1", ".0-", draw("hex", 24), "-", draw("hex", 146))],
  ["opensync-key", assemble("os", "k_", draw("url", 32))],
  [
    "discord-token",
    assemble("MT", "E2", draw("alnum", 22), ".", draw("alnum", 6), ".", draw("url", 38)),
  ],
  ["linear-key", assemble("lin", "_api_", draw("alnum", 40))],
  ["vercel-token", assemble("vercel", "_blob_rw_", draw("alnum", 40))],
  ["databricks-token", assemble("da", "pi", draw("hex", 32), "-2")],
  ["doppler-token", assemble("dp.", "pt.", draw("alnum", 43))],
  ["doppler-token", assemble("dp.", "st.", "dev_main.", draw("alnum", 43))],
  ["age-key", assemble("AGE-", "SECRET-KEY-", "1", draw("upper", 58))],
  ["shopify-token", assemble("sh", "pat_", draw("hex", 32))],
  ["groq-key", assemble("gs", "k_", draw("alnum", 52))],
  ["xai-key", assemble("xa", "i-", draw("alnum", 80))],
  ["perplexity-key", assemble("pp", "lx-", draw("alnum", 48))],
  ["notion-token", assemble("nt", "n_", draw("alnum", 46))],
  ["grafana-token", assemble("gl", "sa_", draw("alnum", 32), "_", draw("hex", 8))],
  ["docker-token", assemble("dckr", "_pat_", draw("url", 27))],
  ["vault-token", assemble("hv", "s.", draw("url", 90))],
];

/** Secrets that their surroundings give away, of which only the secret goes. */
const placed: [kind: string, secret: string, around: (secret: string) => string][] = [
  ["aws-secret-key", draw("base64", 40), (s) => `aws_secret_access_key = ${s}`],
  ["aws-secret-key", draw("base64", 40), (s) => `{"SecretAccessKey": "${s}"}`],
  [
    "slack-webhook",
    `T01ABCDEF/B02ABCDEF/${draw("alnum", 24)}`,
    (s) => `https://hooks.slack.com/services/${s}`,
  ],
  [
    "azure-key",
    `${draw("base64", 86)}==`,
    (s) => `AccountName=store;AccountKey=${s};EndpointSuffix=core`,
  ],
  [
    "azure-sas",
    `${draw("alnum", 43)}%3D`,
    (s) => `https://a.blob.core.windows.net/c?sv=2024&sig=${s}`,
  ],
  [
    "telegram-token",
    `AA${draw("url", 33)}`,
    (s) => `https://api.telegram.org/bot1234567890:${s}/getMe`,
  ],
  [
    "discord-webhook",
    draw("url", 68),
    (s) => `https://discord.com/api/webhooks/123456789012345678/${s}`,
  ],
  ["url-password", "s3cr3t-P4ss", (s) => `postgres://admin:${s}@db.internal:5432/app`],
  ["url-password", "sunshine", (s) => `mongodb+srv://app:${s}@cluster0.mongodb.net`],
  ["url-password", "a@b!c#d".replace("#", ""), (s) => `redis://:${s}@10.0.0.1:6379`],
  [
    "bearer-token",
    draw("alnum", 40),
    (s) => `curl -H "Authorization: Bearer ${s}" https://api.test`,
  ],
  ["basic-credentials", btoa("deploy:Tr0ub4dor"), (s) => `Authorization: Basic ${s}`],
  ["authorization-header", draw("hex", 40), (s) => `Authorization: token ${s}`],
  ["authorization-header", draw("alnum", 32), (s) => `headers["authorization"] = "${s}"`],
  ["secret", draw("alnum", 24), (s) => `const apiKey = "${s}";`],
  ["secret", draw("alnum", 24), (s) => `{"api_key": "${s}"}`],
  ["secret", draw("alnum", 24), (s) => `{\\"apiKey\\":\\"${s}\\"}`],
  ["secret", draw("alnum", 24), (s) => `let api_key: &str = "${s}";`],
  ["secret", draw("hex", 40), (s) => `CF_API_TOKEN=${s}\n`],
  ["secret", draw("hex", 64), (s) => `export R2_SECRET_ACCESS_KEY=${s}`],
  ["secret", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", (s) => `HEROKU_API_KEY=${s}`],
  ["secret", draw("alnum", 24), (s) => `deploy --token ${s} --prod`],
  ["secret", draw("alnum", 24), (s) => `client_secret: ${s}\n`],
  ["secret", draw("alnum", 24), (s) => `https://api.test/v1?access_token=${s}&page=2`],
  ["secret", draw("hex", 36), (s) => `//registry.npmjs.org/:_authToken=${s}`],
  ["secret", draw("alnum", 32), (s) => `X-Api-Key: ${s}`],
  ["password", "Tr0ub4dor&3", (s) => `password: "${s}"`],
  ["password", "hunter2hunter2", (s) => `DB_PASSWORD=${s}`],
  ["password", "S3cr3t!Pass", (s) => `Server=db;User Id=sa;Password=${s};Encrypt=true`],
  ["password", "Summer2024!", (s) => `mysql --password=${s} app`],
];

/** Each of these must go, and nothing around it. */
export const tokens: Sample[] = [
  ...bare.flatMap(([kind, secret]): Sample[] => [
    { kind, secret, text: secret },
    { kind, secret, text: `The value is ${secret}, as of today.` },
    { kind, secret, text: `"\\n${secret}"` },
  ]),
  ...placed.map(([kind, secret, around]): Sample => ({ kind, secret, text: around(secret) })),
];

/** Each of these must stay as it is. */
export const lookAlikes: string[] = [
  "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
  `"integrity": "sha512-${draw("base64", 86)}=="`,
  `sha256:${draw("hex", 64)}`,
  "id: 123e4567-e89b-12d3-a456-426614174000",
  "const apiKey = process.env.OPENAI_API_KEY;",
  'api_key = os.environ["API_KEY_2024"]',
  'token = os.getenv("GITHUB_TOKEN_2")',
  "const token = await getToken2(user1, user2);",
  "password = hashPassword2(input1)",
  "apiKey: config.providers2.apiKey1,",
  "export API_KEY=$OTHER_API_KEY",
  'API_KEY="${OPENAI_API_KEY:-}"',
  "TOKEN=$(cat /run/secrets/token_1)",
  "api_key: ${{ secrets.API_KEY }}",
  'apiKey: "<your key here>"',
  'apiKey: "your-api-key-123"',
  "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  `GITHUB_TOKEN=ghp_${"x".repeat(36)}`,
  "ANTHROPIC_API_KEY=sk-ant-your-key-goes-here-please",
  'password: "********"',
  "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
  "PASSWORD=changeme",
  "POSTGRES_PASSWORD=postgres",
  "postgres://user:password@localhost:5432/db",
  "postgres://${user}:${password}@${host}/db",
  "https://%s:%s@example.com/",
  "git clone ssh://git@github.com:22/owner/repo.git",
  "http://localhost:3000/@vite/client",
  'Authorization: "Bearer " + token',
  "Authorization: `Bearer ${accessToken}`",
  "Bearer authentication-is-required-here",
  "Basic authentication with basic understanding",
  "import { sk_learn } from 'scikit'; task-runner-with-a-very-long-name-indeed",
  "max_tokens: 100000000, tokens: 12345678",
  'nextPageToken: "CAUQAA12345678abcdef"',
  "interface Options { password: string; token?: Token2; secret: Promise<string> }",
  "token: abstractSyntaxToken1",
  "tokenizer: convertUtf8ToUtf16, secret: base64UrlEncode2",
  "hf_hub_download(repo_id='x') and npm_config_registry_of_this_long_project",
  "eyJ is how base64 of JSON starts",
  'const header = "-----BEGIN PRIVATE KEY-----"; const footer = "-----END PRIVATE KEY-----";',
  `-----BEGIN CERTIFICATE-----\n${pemBody}\n-----END CERTIFICATE-----`,
  `-----BEGIN PUBLIC KEY-----\n${pemBody}\n-----END PUBLIC KEY-----`,
  `data:image/png;base64,iVBORw0KGgo${draw("base64", 200)}`,
  "key-value-store-with-keys and key-0123456789",
  'test("rejects a wrong password", async () => {',
  "<input type='password' placeholder='Enter password' name='password2' />",
  'secret: "this is a sentence about secrets"',
  "PASSWORD_FILE=/run/secrets/db_password_1",
  "The token: it expires. The password: ask Bob42.",
];
