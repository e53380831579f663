package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;

/** Whoever started a piece of long work: told how far it is, asked whether it is still wanted. */
interface Watch {

    void progress(Progress now);

    /** Throws when the work is no longer wanted; to be called between pieces of it. */
    void check();
}
