import { connect } from "node:net";

/** Sends one request on its own connection; resolves to the line of the answer. */
export const ask = (path: string, frame: object): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect(path);
    socket.write(`${JSON.stringify(frame)}\n`);
    socket.setEncoding("utf8").on("data", (part: string) => {
      heard += part;
      if (!heard.endsWith("\n")) return;
      socket.destroy();
      resolve(heard);
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("ended without an answer")));
  });

/** Runs a command of `ncl` by a socket. Returns its data; throws if it is refused. */
export const command = async (path: string, name: string, args: object): Promise<{ readonly id: string }> => {
  const line = await ask(path, { id: "1", command: name, args });
  const answer = JSON.parse(line) as { readonly ok: boolean; readonly data: { readonly id: string } };
  if (!answer.ok) throw new Error(`${name}: ${line}`);
  return answer.data;
};
