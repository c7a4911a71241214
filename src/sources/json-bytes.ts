import type { JsonValue } from "./source.ts";

/** A value as JSON text in UTF-8, however deep it is nested: the engine's own writer is recursive. */
export function jsonBytes(value: JsonValue): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return Buffer.from(writeDeep(value));
  }
}

/** What is still to be written: text as it is, or a value. */
type Step = { readonly text: string } | { readonly value: JsonValue };

function writeDeep(value: JsonValue): string {
  const parts: string[] = [];
  const steps: Step[] = [{ value }];
  for (let step = steps.pop(); step; step = steps.pop()) {
    if ("text" in step) parts.push(step.text);
    else if (typeof step.value !== "object" || step.value === null) {
      parts.push(JSON.stringify(step.value));
    } else {
      for (const inner of stepsOf(step.value).toReversed()) steps.push(inner);
    }
  }
  return parts.join("");
}

function stepsOf(container: Exclude<JsonValue, string | number | boolean | null>): Step[] {
  const isList = Array.isArray(container);
  const members = Object.entries(container).flatMap(([name, value], index): Step[] => {
    const comma = index === 0 ? "" : ",";
    return [{ text: isList ? comma : `${comma}${JSON.stringify(name)}:` }, { value }];
  });
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return [{ text: open }, ...members, { text: close }];
}
