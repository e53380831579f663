/** Real engines that the lab starts, breaks and ends: PostgreSQL, Temporal, an S3 store. */
@NullMarked
package dev.lifeboat.lab.engine;

import org.jspecify.annotations.NullMarked;
