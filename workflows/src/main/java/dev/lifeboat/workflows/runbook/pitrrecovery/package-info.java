@NullMarked
package dev.lifeboat.workflows.runbook.pitrrecovery;

import org.jspecify.annotations.NullMarked;
