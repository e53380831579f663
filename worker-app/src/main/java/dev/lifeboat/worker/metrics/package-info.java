/** What a monitoring system may know of Lifeboat; the names are promises, listed in {@code docs/metrics.md}. */
@NullMarked
package dev.lifeboat.worker.metrics;

import org.jspecify.annotations.NullMarked;
