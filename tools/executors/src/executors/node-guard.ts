// SPDX-License-Identifier: Apache-2.0

/**
 * One line about a Node that cannot run the stages, or undefined when it can. Executors ask before they import the rest,
 * which an older Node may fail to load with a message that helps nobody. The range is that of `engines`.
 */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isSupported =
    (major === 22 && (minor > 22 || (minor === 22 && patch >= 2))) || (major === 24 && minor >= 15) || major >= 26;
  if (isSupported) return undefined;
  return `promograph: Node ${version} cannot run this task: it needs Node 22.22.2 or newer, 24.15 or newer, or 26`;
}
