import { connect } from "node:net";

/** The first paint of an attachment, and the time from the connection to it, ms. */
export type Painted = { readonly paint: string; readonly ms: number };

/** Sends a request to a control socket, and waits for the first line with the field. */
const fieldOf = (path: string, request: object, field: string): Promise<{ value: unknown; ms: number }> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    let [heard, connectedAt] = ["", 0];
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      connectedAt = performance.now();
      socket.write(`${JSON.stringify({ v: 1, ...request })}\n`);
    });
    socket.on("data", (part: string) => {
      heard += part;
      for (const line of heard.split("\n").slice(0, -1)) {
        const said = JSON.parse(line) as Readonly<Record<string, unknown>>;
        if (!(field in said)) continue;
        resolve({ value: said[field], ms: performance.now() - connectedAt });
        return void socket.destroy();
      }
      heard = heard.slice(heard.lastIndexOf("\n") + 1);
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("ended without an answer")));
  });

/** Attaches to an agent with a terminal of the agent's size, and detaches after the first paint. */
export const attachOnce = async (socket: string): Promise<Painted> => {
  const attach = { do: "attach", columns: 120, rows: 40, readOnly: true };
  const { value, ms } = await fieldOf(socket, attach, "paint");
  return { paint: String(value), ms };
};

/** Asks for an agent's state, which paints nothing. Returns the time to the answer, ms. */
export const askState = async (socket: string): Promise<number> =>
  (await fieldOf(socket, { do: "state" }, "status")).ms;

/** The rows of an agent's screen. */
export const rowsOf = async (socket: string): Promise<readonly string[]> =>
  (await fieldOf(socket, { do: "screen" }, "rows")).value as readonly string[];
