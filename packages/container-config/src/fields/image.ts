import type { z } from "zod";
import { shaped } from "./texts.ts";

const host = String.raw`[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?`;
const part = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;

/**
 * An image's name that a registry could have: `HOST:PORT/NAME:TAG@sha256:DIGEST`, of which only the name is needed
 * (github.com/distribution/reference). It is no option, no path, and one word of a Containerfile.
 */
export const image: z.ZodType<string> = shaped(
  new RegExp(
    String.raw`^(?=.{1,255}$)(?:${host}/)?${part}(?:/${part})*(?::\w[\w.-]{0,127})?(?:@sha256:[\da-f]{64})?$`,
  ),
  "an image's name, such as registry.example/agent:1.2",
);
