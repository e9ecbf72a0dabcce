import { expect, test } from "bun:test";

import { createRedactor } from "../../../lib/redact/redact.ts";

const redactor = createRedactor({ dictionary: [] });
const keyLine = "MIIEowIBAAKCAQEAx7Vb3kQ9ZpL2mN8sT4yU6wE1rI5oP0aSdFgHjKlZxCvBnM12";
const awsSecret = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYzQ9k3LpT7v"].join("");
const password = ["Sup3r", "S3cret9"].join("");
const [begin, end] = ["-----BEGIN", "-----END"].map((word) => `${word} PRIVATE KEY-----`);

test.each([
  ["a key in a diff", keyLine, `-${begin}\n-${keyLine}\n-${end}`],
  ["a quoted key", keyLine, `> ${begin}\n> ${keyLine}\n> ${end}`],
  ["what `aws configure` asks", awsSecret, `AWS Secret Access Key [None]: ${awsSecret}`],
  ["`aws configure set`", awsSecret, `aws configure set aws_secret_access_key ${awsSecret}`],
  ["a password in YAML", password, `  POSTGRES_PASSWORD: ${password}\n  PORT: 5432`],
  ["a short name", password, `SMTP_PASS=${password}`],
  ["a short name in JSON", password, `{"user":"me","pass":"${password}"}`],
])("%s is replaced", (_, secret, text) => {
  const { findings, value } = redactor.redactText(text);
  expect(findings).toHaveLength(1);
  expect(value).not.toContain(secret);
});

test.each([
  `${begin}\n...\n${end}`,
  "DB_PASSWORD: string",
  "first_pass = true; bypass: 12345678",
  "PASSWORD: <your password>\n",
])("%p stays", (text) => {
  expect(redactor.redactText(text).value).toBe(text);
});
