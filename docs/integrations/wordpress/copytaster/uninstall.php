<?php
/**
 * Removes what the plugin stored: its settings, its notes on posts, its capability. What the service stores stays there.
 *
 * @package Copytaster
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

global $wpdb; // WordPress includes this file from within a function.

delete_option( 'copytaster' );
$wpdb->query( $wpdb->prepare( "DELETE FROM $wpdb->options WHERE option_name LIKE %s", $wpdb->esc_like( 'copytaster_owed_' ) . '%' ) );
delete_option( 'copytaster_refused' );
delete_post_meta_by_key( '_copytaster' );
delete_post_meta_by_key( '_copytaster_item' );
foreach ( wp_roles()->role_objects as $copytaster_role ) {
	$copytaster_role->remove_cap( 'copytaster_override' );
}
