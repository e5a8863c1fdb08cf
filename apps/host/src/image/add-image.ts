import { namedPath, type Done, type Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { InvalidArgumentError, type Command } from "commander";
import { imageOptions } from "./image-options.ts";
import type { BuildFlags, ImageFlags } from "./image-command.ts";
import type { RenderFlags } from "./render-command.ts";

/** Adds `gatehouse image build`, `list`, `prune` and `render`. */
export const addImage = (program: Command, io: Io, done: Done): void => {
  const { containerfile, clis } = imageOptions;
  const image = program
    .command("image")
    .description("the image in which Docker, Podman or Kubernetes runs agents");
  const add = (name: string, description: string): Command =>
    image
      .command(name)
      .description(description)
      .option("--runtime <name>", "docker or podman (default: the first that runs here)")
      .option(
        "--engine-socket <path>",
        "the socket of the engine's API (default: the engine's default sockets)",
        namedPath,
      );
  const build = add("build", "build the image; agents that start afterwards run in it")
    .option("--base <image>", "an image with Node 20.19 or newer and apt (default: node:22-bookworm-slim)")
    .option(
      "--cli <package>",
      `an npm package with its version; may be repeated (default: ${clis.join(", ")})`,
      cli,
    )
    .option("--no-clis", "install no CLI of an agent");
  build.action(async () => {
    const { buildCommand } = await import("./image-command.ts");
    const { cli: named, clis: hasClis, ...flags } = build.optsWithGlobals<TypedFlags>();
    const chosen = hasClis ? (named ?? clis) : [];
    const version = program.version() ?? "";
    done(await buildCommand({ ...flags, clis: chosen }, { containerfile: containerfile(), version }, io));
  });
  const list = add("list", "list the images that were built, the newest first");
  list.action(async () => {
    const { listCommand } = await import("./image-command.ts");
    done(await listCommand(list.optsWithGlobals<ImageFlags>(), io));
  });
  const prune = add("prune", "remove the images of earlier builds that no container uses");
  prune.action(async () => {
    const { pruneCommand } = await import("./image-command.ts");
    done(await pruneCommand(prune.optsWithGlobals<ImageFlags>(), io));
  });
  const render = addDatabaseOption(image.command("render"))
    .description("print the Containerfile of a group with its packages, for Pods: build and push it yourself")
    .requiredOption("--group <group>", "the group's id, name or folder")
    .option("--base <image>", "the image to build upon (default: that of gatehouse up --kubernetes-image)")
    .option("--output <file>", "write it to this file", namedPath);
  render.action(async () => {
    const { renderCommand } = await import("./render-command.ts");
    done(await renderCommand(render.optsWithGlobals<RenderFlags>(), io));
  });
};

type TypedFlags = Omit<BuildFlags, "clis"> & { readonly cli?: readonly string[]; readonly clis: boolean };

/** Reads a package's name and exact version, which become words of a command line in the image. */
const cli = (typed: string, before: readonly string[] = []): readonly string[] => {
  if (!/^(?:@[\w.-]+\/)?[\w][\w.-]*@\d[\w.+-]*$/.test(typed))
    throw new InvalidArgumentError("Write a package and its exact version: @openai/codex@0.169.0.");
  return [...before, typed];
};
