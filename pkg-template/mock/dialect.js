// What a provider's language has to say for the mock to speak it. Everything in a dialect is pure: no clock, no waiting.

/**
 * @typedef {object} Operation what a path asks for
 * @property {'generate' | 'stream' | 'count' | 'embed' | 'models' | 'model' | 'file' | 'upload'} kind `upload`: the bytes of a file, for an upload begun before
 * @property {string | null} model from the path; null: it is in the body, or there is none
 * @property {string} method the provider's own name of it
 * @property {'native' | 'openai'} form
 * @property {string} version
 * @property {boolean} sse
 * @property {string} [id] of the file or the upload
 */

/**
 * @typedef {object} Asked what a body asks for
 * @property {Record<string, any>} body
 * @property {string} prompt the last thing said, for the answer
 * @property {number} requests what it counts as
 * @property {number} input tokens
 * @property {number | null} maxOutput tokens
 * @property {string} [model] where the body names it
 * @property {boolean} [stream]
 * @property {boolean} [includeUsage]
 * @property {boolean} [json]
 * @property {Record<string, any> | null} [schema]
 * @property {boolean} [thinks]
 * @property {number} [images]
 * @property {string[]} [texts] to embed
 * @property {number | null} [dimensions]
 * @property {boolean} [base64] vectors as bytes
 * @property {import('./tool.js').ToolCall | null} [call] the function that the answer calls, instead of a text
 * @property {string[]} [files] ids that the body refers to
 */

/**
 * @typedef {object} Scene what an answer or a refusal is made from
 * @property {Operation} operation
 * @property {Asked} asked
 * @property {string} model resolved
 * @property {import('./project.js').Project} project
 * @property {import('./pool.js').Pool} pool
 * @property {number} now
 * @property {() => number} random for ids and the digits nobody can know
 */

/** @typedef {{ operation: Operation, key: string, project: import('./project.js').Project | null }} Caller */

/** @typedef {'overloaded' | 'internal' | 'timeout' | 'capacity'} Failure */

/**
 * @typedef {object} Said the answer
 * @property {string} text
 * @property {import('./tool.js').ToolCall | null} call instead of the text
 * @property {number} output tokens
 * @property {number} thoughts tokens
 * @property {boolean} cut whether `maxOutput` cut it
 */

/**
 * @typedef {object} Desk what is done with files is done here
 * @property {import('./arrival.js').Arrival} arrival
 * @property {Operation} operation
 * @property {import('./files.js').Files} files of the caller's project; of the one that began it, for an upload
 * @property {number} now
 * @property {() => number} random
 */

/**
 * @typedef {object} Dialect
 * @property {import('./defaults.js').ProviderName} name
 * @property {(arrival: import('./arrival.js').Arrival) => Operation | null} route null: no such path
 * @property {(arrival: import('./arrival.js').Arrival, operation: Operation) => string | import('./reply.js').Reply} credential the key, or what is wrong without one
 * @property {(operation: Operation, text: string) => Asked | import('./reply.js').Reply} read
 * @property {(asked: Asked) => import('./pool.js').Cost} cost
 * @property {(asked: Asked, said: { output: number, thoughts: number }) => { tokens: number, output: number }} settle what was used beyond (or below) the cost
 * @property {(refusal: import('./pool.js').Refusal, scene: Scene) => import('./reply.js').Reply} quota
 * @property {(state: import('./keys.js').KeyState, context: Caller) => import('./reply.js').Reply} badKey
 * @property {(arrival: import('./arrival.js').Arrival) => import('./reply.js').Reply} noSuchPath
 * @property {(scene: Scene) => Record<string, string>} limits headers about quota on what was admitted, as things stand at that instant
 * @property {(model: string, operation: Operation) => import('./reply.js').Reply} noSuchModel
 * @property {(failure: Failure, operation: Operation, model: string | null) => import('./reply.js').Reply} failure
 * @property {(desk: Desk) => import('./reply.js').Reply} file
 * @property {(id: string, operation: Operation) => import('./reply.js').Reply} noSuchFile also for a file of another project
 * @property {(status: number, operation: Operation | null, model: string | null) => import('./reply.js').Reply} status a refusal by its number alone, for scripts
 * @property {(operation: Operation) => string} streamError what ends a stream that fails under status 200
 * @property {(models: string[], operation: Operation) => import('./reply.js').Reply} models
 * @property {(scene: Scene) => import('./reply.js').Reply} count
 * @property {(scene: Scene) => import('./reply.js').Reply} embed
 * @property {(said: Said, scene: Scene) => import('./reply.js').Reply} generate
 * @property {(reply: import('./reply.js').Reply, context: { now: number, took: number, random: () => number }) => void} stamp headers that every answer has
 */

/** The model in a path; as it stands where it is not well encoded. @param {string} segment */
export function modelIn(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
