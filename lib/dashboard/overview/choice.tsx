import type { JSX } from "preact";
import { useId } from "preact/hooks";

/** A choice of a few, all of them in view. */
export function Choice<T extends string>(props: {
  label: string;
  value: T;
  choices: Record<T, string>;
  onChange: (value: T) => void;
}): JSX.Element {
  const name = useId();
  const choices = Object.entries(props.choices) as [T, string][];
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{props.label}</legend>
      {choices.map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === props.value}
            onChange={() => props.onChange(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
