import { beforeAll, describe } from "bun:test";
import { testAuthentication } from "./opensync/authentication.ts";
import { testBatch } from "./opensync/batch.ts";
import { type Api, connect, type Target } from "./opensync/client.ts";
import { testErrors } from "./opensync/errors.ts";
import { testExport } from "./opensync/export.ts";
import { testLimits } from "./opensync/limits.ts";
import { testMessages } from "./opensync/messages.ts";
import { testReading } from "./opensync/reading.ts";
import { testSessions } from "./opensync/sessions.ts";

/**
 * OpenSync's HTTP contract as tests, for any server: the embedded one, a self-hosted one, the
 * hosted one. They state only what is the same in all versions of OpenSync, and use ids of their
 * own, so they may run on a server that holds data (which they add to).
 */
export function describeOpenSyncApi(name: string, getTarget: () => Promise<Target>): void {
  describe(`OpenSync API of ${name}`, () => {
    let connected: Api | undefined;
    beforeAll(async () => {
      connected = connect(await getTarget());
    });
    const api = (): Api => connected!;
    describe("authentication", () => testAuthentication(api));
    describe("errors", () => testErrors(api));
    describe("POST /sync/session", () => testSessions(api));
    describe("POST /sync/message", () => testMessages(api));
    describe("POST /sync/batch", () => testBatch(api));
    describe("reading", () => testReading(api));
    describe("export", () => testExport(api));
    describe("platform limits", () => testLimits(api));
  });
}
