// SPDX-License-Identifier: Apache-2.0
import { ScanError } from './scan-error.ts';

/**
 * The Google project of an image: the second component of `host/project/...`, with the third (`domain:project`) where the
 * second is a domain, since ids of projects have no dots. Error: `SCAN_PROJECT`.
 */
export function scannedProject(image: string): string {
  const [, project = '', next = ''] = image.replace(/[@].*$/, '').split('/');
  const id = project.replace(/:.*$/, '');
  if (id === '') {
    throw new ScanError('SCAN_PROJECT', `no Google project in ${image}`, {
      hint: 'Container Analysis scans images of gcr.io/<project>/... and *.pkg.dev/<project>/... only.',
    });
  }
  const below = next.replace(/:.*$/, '');
  return id.includes('.') && below !== '' ? `${id}:${below}` : id;
}
