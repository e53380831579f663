@NullMarked
package dev.lifeboat.workflows.runbook.inquiry;

import org.jspecify.annotations.NullMarked;
