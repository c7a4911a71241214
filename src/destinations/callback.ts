/**
 * What people do with the buttons of a message. The peer posts it to
 * `/v1/callback/<destination>`; whoever reads it proves first that it comes from the peer.
 */
import type { VERDICTS } from "../alert/schema.ts";

export interface CallbackRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came: signatures are over bytes. */
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What somebody wants done with an alert. */
export type Deed =
  | { readonly kind: "acknowledge" }
  | { readonly kind: "close"; readonly verdict: (typeof VERDICTS)[number] }
  | { readonly kind: "reopen" }
  | {
      readonly kind: "silence";
      /** Milliseconds. */
      readonly duration: number;
    };

/** What a callback came to. */
export type CallbackAnswer =
  | {
      readonly kind: "deed";
      readonly deed: Deed;
      /** Number of the alert. */
      readonly alert: string;
      /** Who did it, as written down with what is done. */
      readonly who: string;
      /** Tells the person, and nobody else, what came of it. Never throws: it is a courtesy. */
      tell(text: string): Promise<void>;
    }
  /** Nothing is to be done: a button that only leads elsewhere. */
  | { readonly kind: "nothing" }
  | {
      readonly kind: "refused";
      readonly reason: "unauthenticated" | "forbidden" | "invalid";
      readonly message: string;
      readonly hint?: string | undefined;
      /** Tells the person, where it is known that the peer has one. */
      readonly tell?: ((text: string) => Promise<void>) | undefined;
    };
