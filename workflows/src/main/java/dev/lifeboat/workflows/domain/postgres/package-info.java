@NullMarked
package dev.lifeboat.workflows.domain.postgres;

import org.jspecify.annotations.NullMarked;
