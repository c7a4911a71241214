/**
 * Splits what arrives on a connection into HTTP/1.1 messages. Does no more than the bench needs,
 * because the load generator and the sink share the machine with what is measured.
 */

/** Told the head of every message, once its body has arrived. */
export type OnMessage = (head: string) => void;

/** Makes the function that takes a connection's chunks. Throws on a body of unknown length. */
export function createFramer(onMessage: OnMessage): (chunk: Buffer) => void {
  let pending: Buffer | null = null;
  let head = "";
  let bodyLeft = 0;
  return (chunk) => {
    let bytes = pending ? Buffer.concat([pending, chunk]) : chunk;
    pending = null;
    while (bytes.length > 0) {
      if (bodyLeft === 0) {
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) return void (pending = bytes);
        head = bytes.toString("latin1", 0, end);
        bytes = bytes.subarray(end + 4);
        bodyLeft = bodyLength(head);
      }
      const taken = Math.min(bodyLeft, bytes.length);
      bodyLeft -= taken;
      bytes = bytes.subarray(taken);
      if (bodyLeft === 0) onMessage(head);
    }
  };
}

function bodyLength(head: string): number {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) return Number(length);
  if (/\r\ntransfer-encoding:/i.test(head)) throw new RangeError(`no length: ${head}`);
  return 0;
}
