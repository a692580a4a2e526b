/** From where on a table is worth mending. Health names the reasons by these figures, and plans follow them. */

/** Files below this many bytes cost more to open than to read. */
export const SMALL_BYTES = 1 << 20
/** Small files in one partition from which joining them pays. */
export const SMALL_IN_PARTITION = 4
/** Snapshots from which the metadata file is slow to read and write. */
export const MANY_SNAPSHOTS = 2_000
/** Manifests from which planning a read is slow, where they hold few files each. */
export const MANY_MANIFESTS = 100
export const FEW_IN_MANIFEST = 50
