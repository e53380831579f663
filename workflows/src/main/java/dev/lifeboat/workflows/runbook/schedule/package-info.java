@NullMarked
package dev.lifeboat.workflows.runbook.schedule;

import org.jspecify.annotations.NullMarked;
