// The files of one project. Another project's keys never see them.

/**
 * @typedef {object} StoredFile
 * @property {string} id
 * @property {string} name as its owner calls it
 * @property {string} type
 * @property {number} bytes
 * @property {string} purpose
 * @property {number} at instant of its upload
 */

export class Files {
  /** @type {Map<string, StoredFile>} */
  #files = new Map();
  /** Uploads that have begun, with what has come of them. @type {Map<string, StoredFile>} */
  #uploads = new Map();

  /** @param {string} id */
  get(id) {
    return this.#files.get(id) ?? null;
  }

  list() {
    return [...this.#files.values()];
  }

  /** @param {StoredFile} file */
  add(file) {
    this.#files.set(file.id, file);
    return file;
  }

  /** Whether there was one. @param {string} id */
  remove(id) {
    return this.#files.delete(id);
  }

  /** @param {string} upload @param {StoredFile} file without its bytes */
  begin(upload, file) {
    this.#uploads.set(upload, file);
  }

  /** @param {string} upload */
  begun(upload) {
    return this.#uploads.get(upload) ?? null;
  }

  /** The upload is through, and the file is there. @param {string} upload */
  finish(upload) {
    const file = /** @type {StoredFile} */ (this.#uploads.get(upload));
    this.#uploads.delete(upload);
    return this.add(file);
  }
}
