@NullMarked
package dev.lifeboat.workflows.runbook.dailydump;

import org.jspecify.annotations.NullMarked;
