/**
 * How many calls to have in flight, decided call by call from what was measured.
 *
 * One more is tried while that makes the calls complete faster; when it does not, or when the
 * server is overloaded, the number goes back and the next attempt waits, each time longer.
 */
export interface Level {
  readonly max: number;
  /** How many calls may be in flight. */
  readonly limit: number;
  /** Known to be worth it: the way back up to here after a drop needs no measuring. */
  readonly proven: number;
  /** While `limit` is on trial: calls per millisecond measured with one less in flight. */
  readonly toBeat: number | undefined;
  /** Trials that failed since the last that succeeded. */
  readonly misses: number;
  /** No trial before this time. */
  readonly trialAtMs: number;
  /** How often overload has lowered the limit. */
  readonly drops: number;
  readonly doneSinceDrop: number;
  readonly window: Window;
}

/** A measurement: calls that completed at one limit, once the first ones of that limit have. */
interface Window {
  /** Calls to come before the measurement starts. */
  skip: number;
  startMs: number;
  done: number;
  /** Calls after which nobody waited for the place: the callers were the limit, not the server. */
  starved: number;
}

/** What came of a call. */
export interface CallEnd {
  /** `void`: it says nothing about the server's speed, such as a call that was cancelled. */
  outcome: "done" | "overloaded" | "void";
  /** `Level.drops` when the call began. */
  dropsBefore: number;
  /** Whether another call waits for its place. */
  waiting: boolean;
  nowMs: number;
}

const windowCallsMin = 6;
const windowRoundsMin = 2;
// Where times vary much, a short measurement misses a gain: after a miss it is longer.
const windowGrowthMax = 3;
// A clock of whole milliseconds cannot measure less.
const windowMsMin = 50;
/** Share of the ideal gain (one more in flight, so much faster) that makes a trial succeed. */
const gainMin = 0.25;
const dropFactor = 0.75;
const starvedShareMax = 0.25;
/** An overload so few rounds after the last one says that the limit is too high for good. */
const quietRoundsMin = 2;
const missMs = 1_000;
const holdMsMin = 5_000;
const holdMsMax = 160_000;

/** Begins with one call in flight. */
export function startLevel(max: number): Level {
  const window: Window = { skip: 1, startMs: 0, done: 0, starved: 0 };
  const nothingYet = { misses: 0, trialAtMs: 0, drops: 0, doneSinceDrop: 0, toBeat: undefined };
  return { max, limit: 1, proven: 1, window, ...nothingYet };
}

/** The level after a call has ended. */
export function afterCall(level: Level, end: CallEnd): Level {
  if (end.outcome === "void") return level;
  if (end.outcome === "done")
    return count({ ...level, doneSinceDrop: level.doneSinceDrop + 1 }, end);
  // Calls that were in flight together fail together; they count as one overload.
  return end.dropsBefore < level.drops ? level : drop(level, end.nowMs);
}

function count(level: Level, { nowMs, waiting }: CallEnd): Level {
  const { window, limit } = level;
  if (window.skip > 0) {
    const skip = window.skip - 1;
    if (skip === 0 && limit < level.proven) return moveTo(level, limit + 1);
    return { ...level, window: { ...window, skip, startMs: nowMs } };
  }
  const done = window.done + 1;
  const starved = window.starved + (waiting ? 0 : 1);
  const elapsedMs = nowMs - window.startMs;
  // Whole rounds, because calls that began together also end together.
  const callsMin = windowCallsMin * (1 + Math.min(level.misses, windowGrowthMax));
  const enough = done >= callsMin && done >= limit * windowRoundsMin && done % limit === 0;
  if (!enough || elapsedMs < windowMsMin) return { ...level, window: { ...window, done, starved } };
  const measured = { ...level, window: { skip: 0, startMs: nowMs, done: 0, starved: 0 } };
  return starved > done * starvedShareMax ? measured : decide(measured, done / elapsedMs, nowMs);
}

/** What to do after `rate` calls per millisecond were measured at the present limit. */
function decide(level: Level, rate: number, nowMs: number): Level {
  const { limit, toBeat } = level;
  if (toBeat !== undefined && rate < toBeat * (1 + gainMin / (limit - 1))) {
    // The first miss may be chance, and a further one costs little: no call has failed.
    const trialAtMs = nowMs + Math.min(holdMsMin, level.misses * missMs);
    const missed = {
      ...level,
      toBeat: undefined,
      proven: limit - 1,
      misses: level.misses + 1,
      trialAtMs,
    };
    return moveTo(missed, limit - 1);
  }
  const proven = { ...level, proven: limit, toBeat: undefined };
  const passed = toBeat === undefined ? proven : { ...proven, misses: 0, trialAtMs: 0 };
  if (limit === level.max || nowMs < passed.trialAtMs) return passed;
  return { ...moveTo(passed, limit + 1), toBeat: rate };
}

function drop(level: Level, nowMs: number): Level {
  const { limit } = level;
  const onTrial = level.toBeat !== undefined;
  const again = onTrial || level.doneSinceDrop < limit * quietRoundsMin;
  const dropped = {
    ...level,
    toBeat: undefined,
    proven: again ? Math.max(1, Math.min(level.proven, limit - 1)) : level.proven,
    drops: level.drops + 1,
    doneSinceDrop: 0,
  };
  const lowered = moveTo(dropped, Math.max(1, Math.floor(limit * dropFactor)));
  if (!again) return lowered;
  const holdMs = Math.min(holdMsMax, holdMsMin * 2 ** level.misses);
  return { ...lowered, misses: level.misses + (onTrial ? 1 : 0), trialAtMs: nowMs + holdMs };
}

function moveTo(level: Level, limit: number): Level {
  return { ...level, limit, window: { skip: limit, startMs: 0, done: 0, starved: 0 } };
}
