// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

const HOST = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?';
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PREFIX = new RegExp(`^(?:${HOST}|\\[[0-9a-f:.]+\\](?::[0-9]{1,5})?)(?:/${COMPONENT})*$`);
/** https everywhere; without TLS only on this machine. */
const SERVICE_URL =
  /^(?:https:\/\/[^\s/@]+|http:\/\/(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?)(?:\/\S*)?$/;

/** `host` or `host/path`, lower case, without a scheme, tag or trailing slash. */
export const registryPrefix: z.ZodString = z
  .string()
  .max(512)
  .regex(PREFIX, 'must be host or host/path, without a scheme, tag or trailing slash');

/** Address of a service: https, or http on a loopback host. */
export const serviceUrl: z.ZodString = z
  .string()
  .regex(SERVICE_URL, 'must be an https URL (http only on a loopback host)');

/** Path of a file, relative to `promograph.yaml`. */
export const filePath: z.ZodString = z.string().min(1, 'must be the path of a file');

/** Text with something in it. */
export const filledText: z.ZodString = z.string().regex(/\S/, 'must not be empty');

const MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time as text: a whole number with `s`, `m`, `h` or `d`. */
export const duration: z.ZodString = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, 'must be a whole number with s, m, h or d, such as 12h or 7d');

/** Milliseconds of a `duration`. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (MS[text.slice(-1)] ?? 0);
}

const pattern = z.strictObject({
  regexp: filledText.meta({ description: 'Regular expression (RE2 syntax) that must match the whole name.' }),
});

/** An exact name, or a regular expression. */
const name = z.union([filledText, pattern], { error: 'must be text, or a mapping with regexp' });

/** Schema of `IdentitySetting`. */
export const identitySchema = z.strictObject({
  subject: filledText.meta({ description: 'Subject alternative name of the certificate, exactly.' }),
  issuer: filledText.meta({ description: 'Issuer of the identity token, exactly.' }),
});

/**
 * Schema of `SignerSetting`. Which keys go together is judged beside it, with better words than a union has; an editor
 * learns it from `oneOf`.
 */
export const signerSchema = z
  .strictObject({
    subject: name.exactOptional().meta({ description: "The certificate's subject: exact, or `{ regexp: ... }`." }),
    issuer: name.exactOptional().meta({ description: "The certificate's issuer: exact, or `{ regexp: ... }`." }),
    key: filePath.exactOptional().meta({ description: 'PEM file with a public key, relative to this file.' }),
  })
  .meta({ oneOf: [{ required: ['subject', 'issuer'] }, { required: ['key'] }] });
