import type { ServerEvent } from "../../dashboard/api.ts";
import { formatSessionId, type SessionRow } from "../sessions.ts";
import { privateHeaders, Refusal } from "./answer.ts";
import { presentTime } from "./session-list.ts";

/** A session that changes often is told of so often at the most. */
const intervalMs = 200;
/** Shorter than the time after which the listener ends a connection on which nothing happens. */
const heartbeatMs = 5000;
/** Pages that are open at a time. */
const streamsMax = 64;
/** Lines that wait for a page that does not read; then it has to ask again. */
const linesMax = 1000;

/** Tells pages what changes, as it happens. */
export interface Events {
  /** A session changed; cheap where nobody listens. */
  noteChange(id: number): void;
  noteRemoval(id: string): void;
  /** Answers with a stream of {@link ServerEvent}s that ends with `signal`. @throws Refusal 503 */
  open(signal: AbortSignal): Response;
  /** Pages that listen. */
  readonly streams: number;
  /** Ends all streams. */
  close(): void;
}

/** @param find gives a session as it is; undefined where it is gone */
export function createEvents(find: (id: number) => SessionRow | undefined): Events {
  const streams = new Set<Stream>();
  const changed = new Set<number>();
  let changeTimer: Timer | undefined;
  let heartbeat: Timer | undefined;

  const send = (line: string): void => {
    for (const stream of streams) stream.send(line);
  };
  const tellChanges = (): void => {
    changeTimer = undefined;
    const ids = [...changed];
    changed.clear();
    for (const id of ids) {
      const session = find(id);
      if (session) send(JSON.stringify(toEvent(session)));
    }
  };
  const remove = (stream: Stream): void => {
    streams.delete(stream);
    if (streams.size > 0) return;
    clearInterval(heartbeat);
    clearTimeout(changeTimer);
    changed.clear();
    [heartbeat, changeTimer] = [undefined, undefined];
  };

  return {
    noteChange(id) {
      if (streams.size === 0) return;
      changed.add(id);
      changeTimer ??= setTimeout(tellChanges, intervalMs).unref();
    },
    noteRemoval(id) {
      send(JSON.stringify({ kind: "deleted", id } satisfies ServerEvent));
    },
    open(signal) {
      if (streams.size >= streamsMax) throw new Refusal(503, "Too many pages are open.");
      const stream = createStream(remove);
      signal.addEventListener("abort", () => stream.close(), { once: true });
      streams.add(stream);
      stream.send("");
      heartbeat ??= setInterval(() => send(""), heartbeatMs).unref();
      if (signal.aborted) stream.close();
      return new Response(stream.body, {
        headers: { ...privateHeaders, "Content-Type": "application/x-ndjson" },
      });
    },
    get streams() {
      return streams.size;
    },
    close() {
      for (const stream of streams) stream.close();
    },
  };
}

function toEvent({ id, messageCount, lastMessageAt }: SessionRow): ServerEvent {
  const at = presentTime(lastMessageAt);
  return { kind: "session", id: formatSessionId(id), messages: messageCount, lastMessageAt: at };
}

type Timer = ReturnType<typeof setTimeout>;

interface Stream {
  body: ReadableStream<Uint8Array>;
  send(line: string): void;
  close(): void;
}

function createStream(onEnd: (stream: Stream) => void): Stream {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const end = (): void => {
    controller = undefined;
    onEnd(stream);
  };
  const stream: Stream = {
    body: new ReadableStream<Uint8Array>(
      { start: (started) => void (controller = started), cancel: end },
      { highWaterMark: linesMax },
    ),
    send(line) {
      if ((controller?.desiredSize ?? 0) > 0) controller?.enqueue(encoder.encode(`${line}\n`));
      else stream.close();
    },
    close() {
      const open = controller;
      end();
      try {
        open?.close();
      } catch {
        // The other side has gone.
      }
    },
  };
  return stream;
}
