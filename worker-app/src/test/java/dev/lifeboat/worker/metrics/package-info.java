@NullMarked
package dev.lifeboat.worker.metrics;

import org.jspecify.annotations.NullMarked;
