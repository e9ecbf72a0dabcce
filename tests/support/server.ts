import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import type { ClientOptions, OpenSyncClient } from "../../lib/opensync/client.ts";
import type { StoredConversation } from "../../lib/opensync/incoming.ts";
import type { StoredMessage } from "../../lib/opensync/wire.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { startServer } from "../../lib/server/serve.ts";
import type { Server } from "../../lib/server/serve.ts";
import { tempDir } from "./temp.ts";

/** An embedded server with a database of its own, and a client of it. */
export interface TestServer extends AsyncDisposable {
  server: Server;
  client: OpenSyncClient;
  /** Sessions with their messages, by external id: all, or those of some ids. */
  read(externalIds?: readonly string[]): Promise<Map<string, StoredConversation>>;
}

/** Starts an embedded server on a free port. */
export async function testServer(options: Partial<ClientOptions> = {}): Promise<TestServer> {
  const dir = await tempDir();
  const server = await startServer({ dataDir: dir.path, port: 0 });
  const client = clientOf(server.url, server.apiKey, options);
  return {
    server,
    client,
    read: (externalIds) => readSessions(clientOf(server.url, server.apiKey), externalIds),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A client over real HTTP. */
export function clientOf(
  baseUrl: string,
  apiKey: string,
  options: Partial<ClientOptions> = {},
): OpenSyncClient {
  return createOpenSyncClient({ baseUrl, apiKey, fetch, clock: systemClock, ...options });
}

/** Sessions with their messages, by external id: all, or those of some ids. */
export async function readSessions(
  client: OpenSyncClient,
  externalIds?: readonly string[],
): Promise<Map<string, StoredConversation>> {
  const found = new Map<string, StoredConversation>();
  for (const { id, externalId } of await client.listSessions()) {
    if (externalIds && !externalIds.includes(externalId)) continue;
    found.set(externalId, await client.getSession(id));
  }
  return found;
}

/** Role and text of the messages of all sessions, for reading at a glance. */
export function said(messages: readonly StoredMessage[]): string[] {
  return messages.map(({ role, textContent }) => `${role}: ${textContent ?? ""}`);
}
