import type { Socket } from "node:net";
import type { Terminal } from "@trust/dialog-engine";

export const terminalOver = (socket: Socket, pid: number): Terminal => ({
  pid,
  write: (data) => void socket.write(data),
  resize: () => {},
  kill: () => void socket.destroy(),
  onData: (listener) => {
    socket.setEncoding("utf8").on("data", listener);
    return () => void socket.off("data", listener);
  },
  onExit: (listener) => {
    const end = (): void => listener({ exitCode: 0 });
    if (socket.closed) end();
    socket.on("close", end);
    return () => void socket.off("close", end);
  },
});
