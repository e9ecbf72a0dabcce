import { expect, test } from "bun:test";
import { createEvents } from "../../../../lib/server/dashboard/events.ts";

const open = () => {
  const events = createEvents(() => undefined);
  const leave = new AbortController();
  return { events, leave, response: events.open(leave.signal) };
};

test("a page that goes is forgotten, however it goes", async () => {
  for (const go of [
    async ({ leave }: ReturnType<typeof open>) => leave.abort(),
    async ({ response }: ReturnType<typeof open>) => response.body!.cancel(),
    async ({ events }: ReturnType<typeof open>) => events.close(),
  ]) {
    const page = open();
    expect(page.events.streams).toBe(1);
    await go(page);
    expect(page.events.streams).toBe(0);
    page.events.noteRemoval("ses_1");
  }
});

test("only so many pages may listen", () => {
  const { events, leave } = open();
  for (let i = 1; i < 64; i++) events.open(leave.signal);
  expect(() => events.open(leave.signal)).toThrow("Too many");
  leave.abort();
  expect(events.streams).toBe(0);
});

test("a page that does not read is let go", () => {
  const { events } = open();
  for (let i = 0; i < 2000; i++) events.noteRemoval(`ses_${i}`);
  expect(events.streams).toBe(0);
});

test("a page that is gone before it is answered is not kept", () => {
  const events = createEvents(() => undefined);
  events.open(AbortSignal.abort());
  expect(events.streams).toBe(0);
});
