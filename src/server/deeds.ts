/** Does what somebody asked for with a button, and says in plain words what came of it. */
import type { Asked as AskedOf } from "../app/changes/change.ts";
import type { CallbackAnswer, Deed } from "../destinations/callback.ts";
import { TocsinError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ListedSilence } from "../ledger/silences.ts";
import type { Commands } from "./api/commands.ts";

export interface DeedParts {
  readonly commands: Pick<Commands, "change">;
  readonly ledger: Pick<Ledger, "getAlert" | "listSilences">;
}

export type Asked = Extract<CallbackAnswer, { readonly kind: "deed" }>;

/** What became of a deed, in a sentence for who asked; `error` is what kept it from being done. */
export interface Done {
  readonly said: string;
  readonly error: unknown;
}

/** Never rejects: what went wrong is said, too. All of it is written down with who asked for it. */
export async function doDeed(asked: Asked, parts: DeedParts): Promise<Done> {
  try {
    return { said: await doIt(asked, parts), error: null };
  } catch (error) {
    return { said: `Nothing was done: ${reasonOf(error)}`, error };
  }
}

function reasonOf(error: unknown): string {
  // What is wrong inside is nothing to tell in a channel.
  if (!(error instanceof TocsinError) || error.code === "INTERNAL")
    return "something went wrong inside Tocsin.";
  return error.hint === undefined ? `${error.message}.` : `${error.message}. ${error.hint}`;
}

function doIt(asked: Asked, parts: DeedParts): Promise<string> {
  const { deed, alert } = asked;
  switch (deed.kind) {
    case "acknowledge":
      return change(asked, { status: "acknowledged" }, `${alert} is acknowledged.`, parts);
    case "reopen":
      return change(asked, { status: "new" }, `${alert} is open again.`, parts);
    case "close": {
      const { verdict } = deed;
      const said = `${alert} is closed as ${verdict.replaceAll("_", " ")}.`;
      return change(asked, { status: "closed", verdict }, said, parts);
    }
    case "silence":
      return silence(asked, deed, parts);
  }
}

type Wish = Omit<AskedOf<"alerts">, "names">;

async function change(
  { alert, who }: Asked,
  wish: Wish,
  said: string,
  { commands }: DeedParts,
): Promise<string> {
  await commands.change("alerts", { ...wish, names: [alert] }, who);
  return said;
}

/** What happens again has the fingerprint of what happened; one silence of it is enough. */
async function silence(
  { alert: name, who }: Asked,
  { duration }: Extract<Deed, { readonly kind: "silence" }>,
  { commands, ledger }: DeedParts,
): Promise<string> {
  const { number, fingerprint } = await ledger.getAlert(name);
  const match = `fingerprint: ${JSON.stringify(fingerprint)}`;
  const known = await findActive(ledger, match);
  if (known) return `Alerts like ${number} are silenced already, ${endOf(known)}.`;
  const comment = `Silenced with the button of ${number}.`;
  const wish = { match, for: duration, comment, at_end: "nothing" } as const;
  const made = await commands.change("silence.add", { wish }, who);
  return `Alerts like ${number} are silenced, ${endOf(made)}.`;
}

async function findActive(
  ledger: DeedParts["ledger"],
  match: string,
): Promise<ListedSilence | undefined> {
  let cursor: string | undefined;
  do {
    const { items, next } = await ledger.listSilences({ state: "active", limit: 100, cursor });
    const found = items.find((each) => each.match === match);
    if (found) return found;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return undefined;
}

function endOf({ id, until }: Pick<ListedSilence, "id" | "until">): string {
  return until === null ? `by ${id}` : `by ${id} until ${until}`;
}
