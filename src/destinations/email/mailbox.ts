/** Who a mail is from and to, as the configuration names them. */
import { z } from "zod";

/** Shape of nodemailer's address: it encodes the name for the header and takes the address for SMTP. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Longest path of SMTP without its angle brackets (RFC 5321 §4.5.3.1.3). */
const MAX_ADDRESS = 254;
const MAX_NAME = 100;
/** An address without quotes or comments, which nobody writes into a configuration; ASCII only. */
const ADDRESS = /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** `soc@example.org` or `SOC <soc@example.org>`, as a mailbox once parsed. */
export function mailbox() {
  return z.string().transform((text, context): Mailbox => {
    const parsed = readMailbox(text);
    if (parsed) return parsed;
    context.addIssue({
      code: "custom",
      message: `"${text}" is not an address — write it like soc@example.org or SOC <soc@example.org>`,
    });
    return z.NEVER;
  });
}

function readMailbox(text: string): Mailbox | undefined {
  const [, name = "", named] = /^([^<>]*?)\s*<([^<>]*)>$/.exec(text) ?? [];
  const address = named ?? text;
  if (!ADDRESS.test(address) || address.length > MAX_ADDRESS) return undefined;
  return /[\p{Cc}"\\]/u.test(name) || name.length > MAX_NAME ? undefined : { name, address };
}

/** As a header shows it: `SOC <soc@example.org>`. */
export function printMailbox({ name, address }: Mailbox): string {
  return name === "" ? address : `${name} <${address}>`;
}

/** What is behind the `@`. */
export function domainOf({ address }: Mailbox): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
