/** Lists come in pages. A cursor says where the next one begins; what is in it is nobody's business. */
import { z } from "zod";
import { fail } from "../errors.ts";

export const ORDERS = ["newest", "oldest"] as const;
export type Order = (typeof ORDERS)[number];

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;

/** What a caller says of the page it wants. All of it may be left out. */
export interface Page {
  /** 1 … 500. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Which end comes first: `newest` by default. */
  readonly order?: Order | undefined;
}

export interface List<Item> {
  readonly items: Item[];
  /** The cursor of the next page; null at the end. A page may be short and still have a next one. */
  readonly next: string | null;
}

/** The schema of a list, under a name for the API's description. */
export function listSchema<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .object({
      items: z.array(item),
      next: z.string().nullable().describe("Cursor of the next page; null at the end."),
    })
    .meta({ id });
}

/** Makes the cursor of a list that continues behind a row. */
export function writeCursor(list: string, row: number): string {
  return Buffer.from(`${list}:${row}`).toString("base64url");
}

/** The row a cursor continues behind; null without one. Throws REQUEST_INVALID. */
export function readCursor(list: string, cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const [name, row] = Buffer.from(cursor, "base64url").toString().split(":");
  if (name === list && row !== undefined && /^\d{1,15}$/.test(row)) return Number(row);
  throw fail("REQUEST_INVALID", {
    component: "ledger",
    message: "the cursor is not one of this list",
    hint: "Pass `next` of the page before, unchanged, with the same filters.",
  });
}
