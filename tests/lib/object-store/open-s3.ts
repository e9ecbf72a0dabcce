import type { ObjectStore } from "../../../lib/object-store/object-store.ts";
import { createS3Store, type S3StoreOptions } from "../../../lib/object-store/s3-store.ts";
import { eagerClock } from "../../support/eager-clock.ts";
import {
  type S3Server,
  type S3ServerOptions,
  startS3Server,
  testCredentials,
} from "../../support/s3-server/server.ts";

/** A store, and the server that it is on. */
export interface OpenedS3 extends AsyncDisposable {
  store: ObjectStore;
  server: S3Server;
  /** How long the store waited, in milliseconds; it did not really. */
  slept: number[];
}

/** Opens a store on a server of its own, whose faults the test chooses. */
export async function openS3(
  serverOptions: Partial<S3ServerOptions> = {},
  storeOptions: Partial<S3StoreOptions> = {},
): Promise<OpenedS3> {
  const server = await startS3Server(serverOptions);
  const clock = eagerClock();
  const { url: endpoint, bucket, region } = server;
  const target = { endpoint, bucket, region, credentials: testCredentials };
  return {
    server,
    slept: clock.slept,
    store: createS3Store({ ...target, fetch, clock, timeoutMs: 1000, ...storeOptions }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Methods and statuses of the requests so far, such as `PUT 200`; `PUT -` where no answer was sent. */
export function exchanges({ requests }: S3Server): string[] {
  return requests.map(({ method, status }) => `${method} ${status ?? "-"}`);
}

/** What a call fails with. @throws Error where it does not fail */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const { error } = await call.then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ error }),
  );
  if (error === undefined) throw new Error("It did not fail.");
  return error;
}
