/** Alert text made fit for where it is shown: no control over a terminal, no text without end. */

const CONTROL_PICTURES = 0x2400;
/** The end that says how much is missing never needs more than this. */
const ENDING = "… 1,234,567,890 characters more".length;

/* oxlint-disable no-control-regex -- finding control characters is the point */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
const CONTROLS_BUT_BREAKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/* oxlint-enable no-control-regex */
/** Characters that reorder what is shown around them, or break lines unseen. */
const REORDERING = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text in one line that can neither move the cursor nor colour the terminal: an escape shows as
 * `␛`, line breaks and tabs become spaces, reordering marks `�`.
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, " ")
    .replace(CONTROLS, picture)
    .replace(REORDERING, "\ufffd");
}

/** As `oneLine`, with line breaks and tabs kept. */
export function manyLines(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(CONTROLS_BUT_BREAKS, picture)
    .replace(REORDERING, "\ufffd");
}

function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code === 0x7f) return "␡";
  return code < 0x20 ? String.fromCharCode(CONTROL_PICTURES + code) : "\ufffd";
}

/**
 * At most `max` characters (40 at least) of what `escape` makes of the text; a cut says how many
 * characters of the text are missing. `escape` works on each character for itself, so that none
 * of its escapes is cut in half.
 */
export function clip(text: string, max: number, escape = (part: string) => part): string {
  const whole = escape(text);
  if (whole.length <= max) return whole;
  const kept: string[] = [];
  let room = max - ENDING;
  let used = 0;
  for (const character of text) {
    const escaped = escape(character);
    if (escaped.length > room) break;
    kept.push(escaped);
    room -= escaped.length;
    used += character.length;
  }
  return `${kept.join("")}… ${formatCount(text.length - used)} characters more`;
}

/**
 * The first `max` of a list as text, and `… and 12 more` when there are more. `total` where the list
 * is itself only the beginning of a longer one.
 */
export function clipList<T>(
  values: readonly T[],
  max: number,
  print: (value: T) => string,
  total = values.length,
): string[] {
  const shown = values.slice(0, max).map(print);
  const missing = total - shown.length;
  return missing === 0 ? shown : [...shown, `… and ${formatCount(missing)} more`];
}

/** A number as people read it: `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
