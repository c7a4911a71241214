/**
 * An append-only file of lines. Lines handed over while one write is under way wait for it and
 * then share the next: one write and one sync for all of them (group commit).
 *
 * States: *closed* (no handle) → *open* (handle, known size) → *closed*. The file is opened by the
 * first write, after a failed one, and when somebody moved or deleted it. A failed write is taken
 * back by cutting the file to its known size, so its lines may be handed over again. What a crash
 * left without a line break at the end gets one, so that only the torn line is unreadable.
 *
 * Guarantee: `append` resolves only after the line is on disk (`fdatasync`), its file's name too.
 */
import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

export interface JournalOptions {
  readonly path: string;
  /** Bytes after which the file is rotated to `path.1`. */
  readonly max_size: number;
  /** How many rotated files stay. */
  readonly keep: number;
}

export interface Journal {
  /** Resolves when the line, which ends with a line break, is on disk. Rejects with its errno. */
  append(line: string): Promise<void>;
  /** Waits for what was handed over, then closes the file. */
  close(): Promise<void>;
}

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  size: number;
}

/** Creates a journal; nothing is touched before the first line. Use one per file. */
export function createJournal(options: JournalOptions): Journal {
  let waiting: Waiting[] = [];
  let writer: Promise<void> | undefined;
  let file: OpenFile | undefined;

  async function writeAll() {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await writeBatch(batch).then(
        () => batch.forEach((each) => each.resolve()),
        (error: unknown) => batch.forEach((each) => each.reject(error)),
      );
    }
    writer = undefined;
  }

  async function writeBatch(batch: readonly Waiting[]) {
    const bytes = Buffer.concat(batch.map((each) => each.bytes));
    const previous = file;
    file = undefined;
    const current = await prepareFile(options, previous, bytes.length);
    try {
      await writeWhole(current.handle, bytes);
      await current.handle.datasync();
    } catch (error) {
      await takeBack(current);
      throw error;
    }
    current.size += bytes.length;
    file = current;
  }

  return {
    append(line) {
      const bytes = Buffer.from(line, "utf8");
      return new Promise((resolve, reject) => {
        waiting.push({ bytes, resolve, reject });
        writer ??= writeAll();
      });
    },
    async close() {
      await writer;
      await file?.handle.close();
      file = undefined;
    },
  };
}

/** The file to write to: the one at hand, opened anew when it was moved, rotated when it is full. */
async function prepareFile(
  options: JournalOptions,
  file: OpenFile | undefined,
  more: number,
): Promise<OpenFile> {
  const current = (await keepIfInPlace(options.path, file)) ?? (await openFile(options.path));
  if (current.size === 0 || current.size + more <= options.max_size) return current;
  await current.handle.close();
  await rotate(options);
  return await openFile(options.path);
}

async function keepIfInPlace(path: string, file: OpenFile | undefined) {
  if (!file) return undefined;
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found?.ino === file.inode) return file;
  await file.handle.close();
  return undefined;
}

async function openFile(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true });
  // Readable too, to look at the last byte; alerts are nobody else's business.
  const handle = await open(path, "a+", 0o600);
  try {
    const { size, ino } = await handle.stat({ bigint: true });
    const file = { handle, inode: ino, size: Number(size) };
    await endTornLine(file);
    await syncFolder(path);
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function endTornLine(file: OpenFile): Promise<void> {
  if (file.size === 0) return;
  const { buffer } = await file.handle.read(Buffer.alloc(1), 0, 1, file.size - 1);
  if (buffer[0] === 0x0a) return;
  await file.handle.write("\n");
  file.size += 1;
}

async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await handle.write(bytes, written)).bytesWritten;
}

/** The error that led here is the one to report; whatever fails now is repaired at the next open. */
async function takeBack(file: OpenFile): Promise<void> {
  await file.handle.truncate(file.size).catch(() => {});
  await file.handle.close().catch(() => {});
}

/** `path.4` → `path.5` … `path` → `path.1`; what is older than `keep` goes. */
async function rotate({ path, keep }: JournalOptions): Promise<void> {
  if (keep === 0) return await rm(path, { force: true });
  for (let number = keep - 1; number >= 1; number--)
    await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
  await rename(path, `${path}.1`);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}

/** A new name is on disk only once its folder is synced. Windows cannot sync folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
