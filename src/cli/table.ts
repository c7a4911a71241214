/** Columns in plain text. Cells are made printable here, so alert text in them is harmless. */
import { clip, toLine } from "../alert/text.ts";

const GAP = "  ";

/** A cell: text, or text with the colour it is to be painted in once it has its width. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/**
 * Lines of a table: a header, then rows, columns aligned, two blanks between. Columns that hold
 * numbers only are right-aligned. The last column is cut so that lines fit into `width` characters.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const columns = header.map((name, index) => {
    const texts = rows.map((row) => textOf(row[index]));
    const isNumeric = texts.length > 0 && texts.every((text) => /^-?[\d.]*$/.test(text));
    return { width: Math.max(name.length, ...texts.map((text) => text.length)), isNumeric };
  });
  const before = columns.slice(0, -1).reduce((sum, column) => sum + column.width + GAP.length, 0);
  const room = Math.max(10, width - before);
  const format = (cells: readonly Cell[]) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        if (index < columns.length - 1) return pad(cell, column.width, column.isNumeric);
        return column.isNumeric
          ? pad(cell, column.width, true)
          : paint(cell, clip(textOf(cell), room));
      })
      .join(GAP)
      .trimEnd();
  return [header, ...rows].map(format);
}

function pad(cell: Cell, width: number, right: boolean): string {
  const text = textOf(cell);
  return paint(cell, right ? text.padStart(width) : text.padEnd(width));
}

function paint(cell: Cell, text: string): string {
  return typeof cell === "string" ? text : cell.paint(text);
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return toLine(typeof cell === "string" ? cell : cell.text);
}
