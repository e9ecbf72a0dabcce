import { describeOpenSyncApi } from "./opensync-api.ts";

// To try the contract on a real OpenSync, which keeps what the tests send:
//   OPENSYNC_CONFORMANCE_URL=https://… OPENSYNC_CONFORMANCE_KEY=osk_… bun test ./tests/contract/external.ts
const baseUrl = process.env["OPENSYNC_CONFORMANCE_URL"];
const apiKey = process.env["OPENSYNC_CONFORMANCE_KEY"];

if (baseUrl && apiKey) describeOpenSyncApi(baseUrl, async () => ({ baseUrl, apiKey }));
