/** No answer that is text for a terminal is longer. */
const MAX_BYTES = 1024 * 1024;

/**
 * What of Node’s handle of a socket is used, which lies below node:net: to load that costs a sixth of a whole start.
 * `process.binding` is deprecated in Node’s documentation and the same in Node 20, 22 and 24; where it is refused or
 * another one day, there is no text, and `askControl` asks.
 */
type Socket = {
  connect(request: object, path: string): number;
  writeUtf8String(request: object, text: string): number;
  readStart(): number;
  /** Undefined at the end. */
  onread: (part: ArrayBuffer | undefined) => void;
  close(): void;
};
type Request = { oncomplete: (status: number) => void };
type Bindings = {
  pipe_wrap: {
    Pipe: new (kind: number) => Socket;
    PipeConnectWrap: new () => Request;
    constants: { SOCKET: number };
  };
  stream_wrap: { WriteWrap: new () => Request };
};
type WithBindings = { binding<N extends keyof Bindings>(name: N): Bindings[N] };

/**
 * Asks the daemon on its control socket for a text; null where there is none, for whatever reason: the same is then asked
 * by `askControl`, which also says what is wrong.
 */
export async function askText({
  path,
  request,
  timeoutMs = 5000,
}: {
  path: string;
  request: { verb: string; params: object };
  timeoutMs?: number;
}): Promise<string | null> {
  const node = process as unknown as WithBindings;
  const { Pipe, PipeConnectWrap, constants } = node.binding('pipe_wrap');
  const { WriteWrap } = node.binding('stream_wrap');
  return new Promise((resolve) => {
    const socket = new Pipe(constants.SOCKET);
    const end = (text: string | null) => {
      clearTimeout(late);
      socket.close();
      resolve(text);
    };
    const late = setTimeout(end, timeoutMs, null);
    const parts: Buffer[] = [];
    let bytes = 0;
    socket.onread = (part) => {
      if (part === undefined) return end(textOf(Buffer.concat(parts).toString()));
      parts.push(Buffer.from(part));
      bytes += part.byteLength;
      if (bytes > MAX_BYTES) end(null);
    };
    const connecting = new PipeConnectWrap();
    connecting.oncomplete = (status) => {
      const writing = new WriteWrap();
      writing.oncomplete = () => {};
      const line = `${JSON.stringify(request)}\n`;
      const asked = status === 0 && socket.writeUtf8String(writing, line) === 0;
      if (!asked || socket.readStart() !== 0) end(null);
    };
    if (socket.connect(connecting, path) !== 0) end(null);
  });
}

/** The text of an answer (wire/control.ts). */
function textOf(line: string): string | null {
  try {
    const { ok, data } = JSON.parse(line);
    return ok === true && typeof data === 'string' ? data : null;
  } catch {
    return null;
  }
}
