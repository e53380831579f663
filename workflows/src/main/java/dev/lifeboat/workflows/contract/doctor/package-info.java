/** What must be right on the day it is needed, as those who can see it found it. */
@NullMarked
package dev.lifeboat.workflows.contract.doctor;

import org.jspecify.annotations.NullMarked;
