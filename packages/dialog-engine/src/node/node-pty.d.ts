/**
 * The part of node-pty that is used here. The prebuilt twin (@lydell/node-pty 1.1.0) declares types for its
 * own name only.
 */
declare module "node-pty" {
  export type IPty = {
    readonly pid: number;
    readonly onData: (listener: (data: string) => void) => { dispose(): void };
    readonly onExit: (listener: (exit: { exitCode: number; signal?: number }) => void) => { dispose(): void };
    write(data: string): void;
    resize(columns: number, rows: number): void;
    kill(signal?: string): void;
    pause(): void;
    resume(): void;
  };

  export const spawn: (
    file: string,
    args: string[],
    options: { name: string; cols: number; rows: number; cwd: string; env: Record<string, string> },
  ) => IPty;
}
