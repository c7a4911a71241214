/** Contract of the outward HTTP client; `client.ts` implements it over undici. */

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status. Redirects are answers too: they are never followed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As text; at most 64 KiB, unless the client was made for longer answers. */
  readonly body: string;
  /** There was more of the body than that. */
  readonly cut?: boolean;
}

export interface Http {
  /** Throws REQUEST_FAILED with `data.reason` (a RetryReason) or EGRESS_REFUSED. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}
