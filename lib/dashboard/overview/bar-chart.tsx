import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { scaleTop } from "./periods.ts";

/** A bar of a chart. */
export interface Bar {
  name: string;
  value: number;
  /** The value, and what else there is to say, in words. */
  text: string;
}

interface Props {
  label: string;
  bars: Bar[];
  format: (value: number) => string;
}

const height = 200;
const edge = { top: 10, bottom: 22, left: 52, right: 4 };

/**
 * Bars over time. The pointer, or the arrow keys, choose one, whose exact values stand above the
 * chart.
 */
export function BarChart({ label, bars, format }: Props): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [chosen, setChosen] = useState<number>();
  useEffect(() => setChosen(undefined), [bars.length]);
  const top = scaleTop(Math.max(0, ...bars.map(({ value }) => value)));
  const step = (width - edge.left - edge.right) / Math.max(1, bars.length);
  const shown = chosen === undefined ? undefined : bars[chosen];
  const onMove = (event: PointerEvent): void => {
    const left = frame.current?.getBoundingClientRect().left ?? 0;
    const at = Math.floor((event.clientX - left - edge.left) / step);
    setChosen(at >= 0 && at < bars.length ? at : undefined);
  };
  return (
    <div class="chart" ref={frame}>
      <p class="chart-reading">
        {shown ? (
          <>
            <strong>{shown.name}</strong> {shown.text}
          </>
        ) : (
          "Point at a bar, or use the arrow keys, for its values."
        )}
      </p>
      <svg
        width={width}
        height={height}
        role="group"
        aria-label={label}
        onPointerMove={onMove}
        onPointerLeave={() => setChosen(undefined)}
        onKeyDown={(event) => moveByKey(event, bars.length, setChosen)}
      >
        <Grid top={top} width={width} format={format} />
        {bars.map((bar, at) => (
          <BarShape
            key={bar.name}
            bar={bar}
            x={edge.left + at * step}
            step={step}
            share={bar.value / top}
            isChosen={at === chosen}
            isStop={at === (chosen ?? bars.length - 1)}
            onFocus={() => setChosen(at)}
          />
        ))}
        <DayNames bars={bars} step={step} width={width} />
      </svg>
    </div>
  );
}

function BarShape(props: {
  bar: Bar;
  x: number;
  step: number;
  share: number;
  isChosen: boolean;
  isStop: boolean;
  onFocus: () => void;
}): JSX.Element {
  const { bar, x, step } = props;
  const room = height - edge.top - edge.bottom;
  const tall = bar.value > 0 ? Math.max(1.5, props.share * room) : 0;
  const gap = step > 6 ? Math.min(step * 0.25, 4) : step > 2 ? 1 : 0;
  return (
    <g
      role="img"
      aria-label={`${bar.name}: ${bar.text}`}
      tabIndex={props.isStop ? 0 : -1}
      class={props.isChosen ? "bar is-chosen" : "bar"}
      onFocus={props.onFocus}
    >
      <rect class="bar-room" x={x} y={edge.top} width={step} height={room} />
      <rect
        class="bar-value"
        x={x + gap / 2}
        y={edge.top + room - tall}
        width={Math.max(step - gap, 0.5)}
        height={tall}
        rx={Math.min(2, step / 4)}
      />
    </g>
  );
}

function Grid(props: {
  top: number;
  width: number;
  format: (value: number) => string;
}): JSX.Element {
  const room = height - edge.top - edge.bottom;
  return (
    <g aria-hidden="true" class="grid">
      {[0, 0.5, 1].map((share) => {
        const y = edge.top + room * (1 - share);
        return (
          <g key={share}>
            <line x1={edge.left} x2={props.width - edge.right} y1={y} y2={y} />
            <text x={edge.left - 8} y={y + 4} text-anchor="end">
              {share === 0 ? "0" : props.format(props.top * share)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function DayNames(props: { bars: Bar[]; step: number; width: number }): JSX.Element | null {
  const { bars, step, width } = props;
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <g aria-hidden="true" class="grid">
      <text x={edge.left} y={height - 5}>
        {first.name}
      </text>
      {bars.length > 1 && step * bars.length > 260 && (
        <text x={width - edge.right} y={height - 5} text-anchor="end">
          {last.name}
        </text>
      )}
    </g>
  );
}

function moveByKey(event: KeyboardEvent, count: number, choose: (at: number) => void): void {
  const bars = event.currentTarget;
  if (!(bars instanceof Element)) return;
  const stops = [...bars.querySelectorAll<SVGGElement>(".bar")];
  const at = stops.indexOf(event.target as SVGGElement);
  const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
  if (next === undefined || next < 0 || next >= count) return;
  event.preventDefault();
  choose(next);
  stops[next]?.focus();
}

function useWidth(frame: RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    if (frame.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
