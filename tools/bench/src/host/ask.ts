import { connect } from "node:net";

/** Sends one request on its own connection; resolves to the line of the answer. */
export const ask = (path: string, frame: object): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect(path);
    socket.write(`${JSON.stringify(frame)}\n`);
    socket.on("data", (part: Buffer) => {
      heard += part.toString("utf8");
      if (!heard.endsWith("\n")) return;
      socket.destroy();
      resolve(heard);
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("ended without an answer")));
  });

/**
 * Sends this many requests on one connection, at most a hundred of them unanswered; resolves when all are
 * answered.
 */
export const askPipelined = (path: string, frame: object, times: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const line = `${JSON.stringify(frame)}\n`;
    const socket = connect(path);
    let [sent, answered] = [0, 0];
    const send = (): void => {
      const count = Math.min(times - sent, 100 - (sent - answered));
      sent += count;
      if (count > 0) socket.write(line.repeat(count));
    };
    socket.on("data", (part: Buffer) => {
      for (const byte of part) if (byte === 0x0a) answered += 1;
      if (answered < times) return send();
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
    send();
  });
