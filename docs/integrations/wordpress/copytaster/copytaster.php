<?php
/**
 * Plugin Name:       copytaster
 * Description:       Checks posts before they are published: copies of earlier items and filler are held for an editor, with reasons.
 * Version:           0.1.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * Author:            the copytaster maintainers
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       copytaster
 *
 * @package Copytaster
 */

namespace Copytaster;

defined( 'ABSPATH' ) || exit;

const VERSION  = '0.1.0';
const OVERRIDE = 'copytaster_override'; // The capability to publish what copytaster holds.
const CATCH_UP = 'copytaster_catch_up'; // The cron event that does what the service could not be told.

foreach ( array( 'settings', 'service', 'item', 'decision', 'ledger', 'gate', 'editor', 'desk' ) as $file ) {
	require_once __DIR__ . "/includes/class-$file.php";
}

Settings::register();
Ledger::register();
Gate::register();
Editor::register();
Desk::register();

register_activation_hook(
	__FILE__,
	function () {
		foreach ( array( 'administrator', 'editor' ) as $name ) {
			$role = get_role( $name );
			if ( $role ) {
				$role->add_cap( OVERRIDE );
			}
		}
	}
);

register_deactivation_hook(
	__FILE__,
	function () {
		wp_clear_scheduled_hook( CATCH_UP );
	}
);
