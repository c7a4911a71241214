/**
 * The pieces of an Adaptive Card that can hold text which an attacker wrote. Such text stands in text
 * runs, which know no Markdown; a text block does, and holds the operator's templates only.
 * https://learn.microsoft.com/en-us/adaptive-cards/create/textfeatures
 * https://github.com/microsoft/AdaptiveCards/blob/main/schemas/1.6.0/adaptive-card.json
 */
import type { Severity } from "../../alert/severity.ts";

interface TextRun {
  readonly type: "TextRun";
  readonly text: string;
  readonly weight?: "Bolder";
  readonly size?: "Large" | "Small";
  readonly fontType?: "Monospace";
  readonly isSubtle?: true;
}

export interface RichTextBlock {
  readonly type: "RichTextBlock";
  readonly inlines: readonly TextRun[];
  readonly spacing?: "None" | "Small";
}

export interface TextBlock {
  readonly type: "TextBlock";
  readonly text: string;
  readonly wrap: true;
  readonly weight?: "Bolder";
  readonly size?: "Large";
}

export interface Container {
  readonly type: "Container";
  readonly style: Style;
  readonly bleed: true;
  readonly items: readonly (RichTextBlock | TextBlock)[];
}

export type Element = RichTextBlock | TextBlock | Container;

/** A button that opens a URL. */
export interface OpenUrl {
  readonly type: "Action.OpenUrl";
  readonly title: string;
  readonly url: string;
}

type Style = "attention" | "warning" | "accent" | "emphasis";

/** A card knows a few styles and no colours of one's own. */
export const STYLES: Readonly<Record<Severity, Style>> = {
  critical: "attention",
  high: "attention",
  medium: "warning",
  low: "accent",
  informational: "emphasis",
  unknown: "emphasis",
};

type Look = Omit<TextRun, "type" | "text">;

/** A text in one line. */
export function line(text: string, look: Look = {}): RichTextBlock {
  return { type: "RichTextBlock", inlines: [run(text, look)] };
}

/** A label of ours over values of theirs. */
export function fact(label: string, values: readonly string[]): RichTextBlock {
  const inlines = [run(`${label}: `, { weight: "Bolder" }), run(values.join(", "))];
  return { type: "RichTextBlock", inlines, spacing: "None" };
}

/** More lines than this become one, because each is a block of its own. */
const MAX_LINES = 30;

/** A text in several lines; not all clients of Teams break a line inside a run. */
export function lines(text: string, look: Look = {}): RichTextBlock[] {
  const all = text.split("\n").filter((each) => each.trim() !== "");
  const rest = all.slice(MAX_LINES - 1).join(" ");
  const shown = all.length <= MAX_LINES ? all : [...all.slice(0, MAX_LINES - 1), rest];
  return shown.map((each, index) => ({
    ...line(each, look),
    spacing: index === 0 ? "Small" : "None",
  }));
}

/** Markdown of the operator. */
export function markdown(text: string, look: Pick<TextBlock, "weight" | "size"> = {}): TextBlock {
  return { type: "TextBlock", text, wrap: true, ...look };
}

function run(text: string, look: Look = {}): TextRun {
  // A run without text is refused.
  return { type: "TextRun", text: text || "–", ...look };
}
