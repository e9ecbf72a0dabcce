import fc from "fast-check";

import { SessionBuilder, usage } from "./session.ts";

/** A session and what a reader of the dashboard must find of it, in this order. */
export interface ToldSession {
  session: SessionBuilder;
  /** Role and mark of each message; the mark stands in its text, its result, or its arguments. */
  told: { role: string; mark: string }[];
}

type Step = (at: ToldSession, mark: string) => void;

const oddText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "\ud83d lone",
    "lone \ude80",
    "\u2028\u2029\u0000\u001b[31m",
    "line\r\nend",
    "🚀".repeat(2000),
    "x".repeat(1_200_000),
    '{"type":"session"}',
  ),
);

const oddArguments = fc.oneof(
  { arbitrary: fc.jsonValue({ maxDepth: 4 }), weight: 4 },
  {
    arbitrary: fc.constantFrom<unknown>(
      { $ref: "#/defs/a", ключ: "значение" },
      JSON.parse('{"__proto__":{"a":1}}'),
      Object.fromEntries(Array.from({ length: 1100 }, (_, n) => [`k${n}`, n])),
      JSON.parse(`${'{"in":'.repeat(30)}1${"}".repeat(30)}`),
      "no object",
      null,
    ),
    weight: 2,
  },
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  oddText.map((text): Step => ({ session, told }, mark) => {
    session.user(`${mark} ${text}`);
    told.push({ role: "user", mark });
  }),
  fc
    .tuple(oddText, fc.constantFrom("stop", "aborted", "length", "error"))
    .map(([text, stopReason]): Step => ({ session, told }, mark) => {
      session.assistant(`${mark} ${text}`, { stopReason, usage: usage(10, 5, 3) });
      told.push({ role: "assistant", mark });
    }),
  fc.tuple(oddArguments, oddText).map(([args, output]): Step => ({ session, told }, mark) => {
    session.tool(`tool-${mark}`, args, `${mark} ${output}`);
    told.push({ role: "assistant", mark: `tool-${mark}` }, { role: "tool", mark });
  }),
  fc.boolean().map((isHidden): Step => ({ session, told }, mark) => {
    session.message("bashExecution", {
      command: `echo ${mark}`,
      output: mark,
      exitCode: 0,
      excludeFromContext: isHidden,
    });
    if (!isHidden) told.push({ role: "tool", mark });
  }),
  fc.boolean().map((display): Step => ({ session, told }, mark) => {
    session.add("custom_message", { customType: "note", content: mark, display });
    if (display) told.push({ role: "system", mark });
  }),
  fc.constantFrom("compaction", "branch_summary").map((type): Step => ({ session, told }, mark) => {
    session.add(type, { summary: mark, usage: usage(7, 7) });
    told.push({ role: "system", mark });
  }),
  fc.constantFrom("custom", "label", "model_change", "from_2030").map(
    (type): Step =>
      ({ session }, mark) =>
        void session.add(type, { targetId: session.entries.at(-1)?.id, label: mark, data: mark }),
  ),
  fc.nat().map((choice): Step => ({ session }) => {
    const { entries } = session;
    if (entries.length > 0) session.goTo(entries[choice % entries.length]?.id ?? null);
  }),
  fc.constant<Step>(({ session }, mark) => void session.add("session_info", { name: mark })),
  fc.constant<Step>(({ session }) => void session.assistant("", { stopReason: "error" })),
);

/** Sessions with everything that pi can write, and things that it should not. */
export const toldSession: fc.Arbitrary<ToldSession> = fc
  .tuple(fc.uuid(), fc.array(steps, { minLength: 1, maxLength: 25 }))
  .map(([id, chosen]) => {
    const at: ToldSession = { session: new SessionBuilder({ id }), told: [] };
    at.session.user("m0 begin");
    at.told.push({ role: "user", mark: "m0 " });
    for (const [index, step] of chosen.entries()) step(at, `m${index + 1}_`);
    return at;
  });

/** A session and a fork of it, which begins with copies of some of its entries. */
export const toldFork: fc.Arbitrary<[ToldSession, ToldSession]> = fc
  .tuple(toldSession, fc.uuid(), fc.array(steps, { maxLength: 8 }))
  .map(([parent, id, chosen]) => {
    const timestamp = parent.session.entries.at(-1)?.timestamp ?? "";
    const fork: ToldSession = {
      session: new SessionBuilder({
        id,
        timestamp: new Date(Date.parse(timestamp) + 1).toISOString(),
        parentSession: `/s/2026_${parent.session.header.id}.jsonl`,
      }),
      told: [...parent.told],
    };
    fork.session.copy(parent.session);
    for (const [index, step] of chosen.entries()) step(fork, `f${index}_`);
    return [parent, fork];
  });
